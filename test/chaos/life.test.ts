import { randomInt } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { opaqueReady, ready } from "../../src/crypto/index.ts";
import { seededChoice } from "../support/random.ts";
import { startTestRelay, type RunningRelay } from "../support/relay.ts";
import { expectClosed } from "./life/keys.ts";
import { expectLevel } from "./life/quiet.ts";
import { takeStep } from "./life/steps.ts";
import { lieKinds, tryLies } from "./life/trials.ts";
import { Tally, World } from "./life/world.ts";

// The long form: LIFE_STEPS=100000 npm run test:chaos -- life (and CHAOS_SEED=… to repeat a run).
const STEPS = Number(process.env["LIFE_STEPS"] ?? 150);
// A gate is no lottery: new lives are looked for in the long form.
const SEED = Number(process.env["CHAOS_SEED"] ?? (process.env["LIFE_STEPS"] ? randomInt(2 ** 31) : 20_261_121));
const PEOPLE = 6;
const STEPS_A_WORLD = 600;
const STEPS_UNTIL_QUIET = 150;
const STEPS_AT_ONCE = 4;
const TIMEOUT_MS = 180_000 + STEPS * 2_000;
const STAND_STILL_MS = 120_000;
const COME_BACK_MS = 1_000;

let relay: RunningRelay;
beforeAll(async () => {
  await Promise.all([ready(), opaqueReady()]);
  relay = await startTestRelay({ config: { logLevel: "error" } });
});
afterAll(() => relay.stop());

/** Some steps at once. Who is away comes back when others wait for long. */
async function takeSteps(world: World, steps: Promise<void>[]): Promise<void> {
  const comeBack = setInterval(() => world.citizens.forEach(({ devices }) => devices.forEach(({ power }) => power?.goOnline())), COME_BACK_MS);
  let timeout: ReturnType<typeof setTimeout> | undefined;
  const stuck = new Promise<void>((resolve) => {
    timeout = setTimeout(() => {
      world.violations.push("steps stand still");
      resolve();
    }, STAND_STILL_MS);
  });
  await Promise.race([Promise.all(steps), stuck]);
  clearInterval(comeBack);
  clearTimeout(timeout);
}

async function live(world: World, choice: ReturnType<typeof seededChoice>, steps: number): Promise<void> {
  let untilQuiet = STEPS_UNTIL_QUIET;
  for (let taken = 0; taken < steps && world.violations.length === 0; ) {
    const count = Math.min(steps - taken, 1 + choice.below(STEPS_AT_ONCE));
    await takeSteps(world, Array.from({ length: count }, () => takeStep(world, seededChoice(choice.below(2 ** 31)))));
    taken += count;
    untilQuiet -= count;
    if (untilQuiet > 0 && taken < steps) continue;
    untilQuiet = STEPS_UNTIL_QUIET;
    await expectLevel(world);
  }
  if (world.violations.length > 0) return;
  await expectClosed(world);
  await tryLies(world, choice);
  await expectLevel(world);
}

test(`${STEPS} random steps of life leave everybody with what is theirs to read (seed ${SEED})`, { timeout: TIMEOUT_MS }, async () => {
  const choice = seededChoice(SEED);
  const tally = new Tally();
  const startMs = Date.now();
  for (let taken = 0, group = 0; taken < STEPS; taken += STEPS_A_WORLD, group += 1) {
    const world = await World.create(relay, { group, people: PEOPLE, tally });
    await live(world, choice, Math.min(STEPS_A_WORLD, STEPS - taken));
    await world.close();
    if (world.violations.length > 0) process.stderr.write(`${world.journal.join("\n")}\n`);
    expect(world.violations, `after ${taken} steps, group ${group}, seed ${SEED}`).toEqual([]);
  }
  for (const kind of lieKinds) expect(tally.counts.get(`lie: ${kind}: noticed`) ?? tally.counts.get(`lie: ${kind}: made good`), kind).toBeGreaterThan(0);
  process.stderr.write(`${JSON.stringify(Object.fromEntries([...tally.counts].sort()))} ${((Date.now() - startMs) / STEPS).toFixed(1)} ms a step\n`);
});
