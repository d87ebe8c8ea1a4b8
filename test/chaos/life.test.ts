import { randomInt } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { opaqueReady, ready } from "../../src/crypto/index.ts";
import { type Choice, seededChoice } from "../support/random.ts";
import { type Home, startHome } from "./life/home.ts";
import { expectClosed } from "./life/keys.ts";
import { expectLevel } from "./life/quiet.ts";
import { takeStep } from "./life/steps.ts";
import { lieKinds, tryLies } from "./life/trials.ts";
import { verifyOnce } from "./life/verify-once.ts";
import { Tally, World } from "./life/world.ts";

// The long form: LIFE_STEPS=100000 npm run test:chaos -- life (and CHAOS_SEED=… to repeat a run).
const STEPS = Number(process.env["LIFE_STEPS"] ?? 150);
// A gate is no lottery: new lives are looked for in the long form.
const SEED = Number(process.env["CHAOS_SEED"] ?? (process.env["LIFE_STEPS"] ? randomInt(2 ** 31) : 20_261_121));
const PEOPLE = 6;
const STEPS_A_WORLD = 600;
const STEPS_UNTIL_QUIET = 200;
const WORLD_COUNT = Math.ceil(STEPS / STEPS_A_WORLD);
/** Worlds know nothing of each other: while one waits, another goes on. */
const WORLDS_AT_ONCE = 6;
const STEPS_AT_ONCE = [1, 3, 6, 9];
const TIMEOUT_MS = 180_000 + STEPS * 2_000;
const STAND_STILL_MS = 120_000;
const COME_BACK_MS = 300;

let relay: Home;
let verifyAlways: () => void;
beforeAll(async () => {
  await Promise.all([ready(), opaqueReady()]);
  verifyAlways = verifyOnce();
  relay = await startHome();
});
afterAll(async () => {
  verifyAlways();
  await relay.stop();
});

/** Takes steps, several at once. Who is away comes back when others wait for long. */
async function takeSteps(world: World, choice: Choice, count: number): Promise<void> {
  const comeBack = setInterval(() => world.citizens.forEach(({ devices }) => devices.forEach(({ power }) => power?.goOnline())), COME_BACK_MS);
  let left = count;
  let lastMs = Date.now();
  const walk = async (): Promise<void> => {
    while (left > 0 && world.violations.length === 0) {
      left -= 1;
      await takeStep(world, seededChoice(choice.below(2 ** 31)));
      lastMs = Date.now();
    }
  };
  const walks = Promise.all(Array.from({ length: choice.pick(STEPS_AT_ONCE) }, walk));
  let watching: ReturnType<typeof setInterval> | undefined;
  const stuck = new Promise<void>((resolve) => {
    watching = setInterval(() => {
      if (Date.now() - lastMs < STAND_STILL_MS) return;
      world.violations.push("steps stand still");
      resolve();
    }, COME_BACK_MS);
  });
  await Promise.race([walks, stuck]);
  clearInterval(comeBack);
  clearInterval(watching);
}

async function live(world: World, choice: Choice, { steps, lies }: { steps: number; lies: string[] }): Promise<void> {
  for (let taken = 0; taken < steps && world.violations.length === 0; taken += STEPS_UNTIL_QUIET) {
    await takeSteps(world, choice, Math.min(STEPS_UNTIL_QUIET, steps - taken));
    if (world.violations.length === 0) await expectLevel(world);
  }
  if (world.violations.length > 0) return;
  await expectClosed(world);
  await tryLies(world, choice, lies);
  await expectLevel(world);
}

/** Lives in one world after the other, until none is left or something is wrong; answers what. */
async function liveThrough(groups: { group: number; seed: number }[], tally: Tally): Promise<string[]> {
  const startMs = Date.now();
  const violations: string[] = [];
  const liveOn = async (): Promise<void> => {
    for (let next = groups.shift(); next !== undefined && violations.length === 0; next = groups.shift()) {
      const { group, seed } = next;
      const world = await World.create(relay, { group, people: PEOPLE, tally });
      // Where there are many worlds, each lie is told in every other one.
      const lies = lieKinds.filter((_, index) => WORLD_COUNT === 1 || index % 2 === group % 2);
      await live(world, seededChoice(seed), { steps: Math.min(STEPS_A_WORLD, STEPS - group * STEPS_A_WORLD), lies });
      await world.close();
      if (world.violations.length > 0) process.stderr.write(`${world.journal.join("\n")}\n`);
      else if (process.env["LIFE_STEPS"]) process.stderr.write(`group ${group} of ${WORLD_COUNT}, seed ${SEED}, ${Math.round((Date.now() - startMs) / 1_000)} s\n`);
      violations.push(...world.violations.map((violation) => `group ${group}: ${violation}`));
    }
  };
  await Promise.all(Array.from({ length: WORLDS_AT_ONCE }, liveOn));
  return violations;
}

test(`${STEPS} random steps of life leave everybody with what is theirs to read (seed ${SEED})`, { timeout: TIMEOUT_MS }, async () => {
  const choice = seededChoice(SEED);
  const tally = new Tally();
  const startMs = Date.now();
  const cpu = process.cpuUsage();
  const groups = Array.from({ length: WORLD_COUNT }, (_, group) => ({ group, seed: choice.below(2 ** 31) }));
  expect(await liveThrough(groups, tally), `seed ${SEED}`).toEqual([]);
  for (const kind of lieKinds) expect(tally.counts.get(`lie: ${kind}: noticed`) ?? tally.counts.get(`lie: ${kind}: made good`), kind).toBeGreaterThan(0);
  const { user, system } = process.cpuUsage(cpu);
  const [wallMs, cpuMs] = [Date.now() - startMs, (user + system) / 1_000].map((ms) => (ms / STEPS).toFixed(1));
  process.stderr.write(`${JSON.stringify(Object.fromEntries([...tally.counts].sort()))} ${wallMs} ms a step, ${cpuMs} ms of it busy\n`);
});
