import { afterAll, beforeAll, test } from "vitest";
import { AttackSucceeded, type AttackReport } from "./outcome.ts";
import { Scene } from "./scene.ts";
import { Stage } from "./stage.ts";

/** One attack: what it is, the refusal that it has to meet, and its story. */
export type DefineAttack = (
  name: string,
  stated: Pick<AttackReport, "refusal"> & { replays?: string },
  story: (scene: Scene) => Promise<void>,
) => void;

/** Opens one relay for all attacks of this file, and afterwards searches all that its operator holds for all that was secret. */
export function createStage(): DefineAttack {
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
      const scene = new Scene(stage, stated.refusal);
      try {
        await story(scene);
        scene.demandHeld();
        report.outcome = "refused";
      } catch (error) {
        if (error instanceof AttackSucceeded) report.outcome = "succeeded";
        throw error;
      } finally {
        await scene.close();
      }
    });
  };
}
