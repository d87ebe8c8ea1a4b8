import { afterAll, beforeAll, test } from "vitest";
import { AttackSucceeded, type AttackReport } from "./outcome.ts";
import { Scene } from "./scene.ts";
import { forgetShared } from "./share.ts";
import { Stage, type StageOptions } from "./stage.ts";

/** One attack: what it is, the refusal that it has to meet, and its story. */
export type DefineAttack = (name: string, stated: Stated, story: Story) => void;

type Stated = Pick<AttackReport, "refusal"> & { replays?: string };
type Story = (scene: Scene) => Promise<void>;

/** An attack that something else than the runner of tests tries, as often as it likes. */
export interface CollectedAttack {
  name: string;
  refusal: string;
  /** Throws unless it is refused as stated. `whenHonest` is called before the relay is honest again. */
  perform(whenHonest?: () => void): Promise<void>;
}

interface Collection {
  attacks: CollectedAttack[];
  stages: Promise<Stage>[];
}

let collection: Collection | undefined;

/** From now on attacks are collected instead of registered as tests. */
export function collectAttacks(): Collection {
  return (collection = { attacks: [], stages: [] });
}

/** Opens one relay for all attacks of this file, and afterwards searches all that its operator holds for all that was secret. */
export function createStage(): DefineAttack {
  return collection ? collecting(collection) : registering();
}

function registering(): DefineAttack {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open();
  });
  afterAll(async () => {
    const { found, blindIn } = stage.search(await stage.places());
    await stage.close();
    const blind = blindIn.filter((place) => place !== "the log");
    if (found.length > 0 || blind.length > 0) throw new Error(`secrets outside of clients: ${found.join(", ")}; nothing at all found in: ${blind.join(", ")}`);
  });

  return (name, stated, story) => {
    test(`${name} [${stated.refusal}]`, async ({ task }) => {
      const report: AttackReport = { name, ...stated, outcome: "unclear" };
      task.meta.attack = report;
      await perform(stage, report, story);
    });
  };
}

/** A wrong answer shows at once, and many are tried: nobody waits long, and keys are not searched for. */
const HASTE: StageOptions = { patienceMs: 2_500, recordsKeys: false };

function collecting({ attacks, stages }: Collection): DefineAttack {
  let opening: Promise<Stage> | undefined;
  const open = (): Promise<Stage> => {
    if (!opening) stages.push((opening = Stage.open(HASTE)));
    return opening;
  };
  return (name, stated, story) => {
    const report = (): AttackReport => ({ name, ...stated, outcome: "unclear" });
    attacks.push({ name, refusal: stated.refusal, perform: async (whenHonest) => perform(await open(), report(), story, whenHonest) });
  };
}

async function perform(stage: Stage, report: AttackReport, story: Story, whenHonest?: () => void): Promise<void> {
  const scene = new Scene(stage, report.refusal, whenHonest);
  try {
    await story(scene);
    scene.demandHeld();
    report.outcome = "refused";
  } catch (error) {
    // Whom a lie got through to is no company for the next attack.
    forgetShared();
    if (error instanceof AttackSucceeded) report.outcome = "succeeded";
    throw error;
  } finally {
    await scene.close();
  }
}
