import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, test } from "vitest";
import { isCurrent, rules } from "../../vectors/rules/all-rules.ts";
import type { Rule } from "../../vectors/rules/rule.ts";
import { collectAttacks, type CollectedAttack } from "./attack.ts";
import { computedParts, type ComputedPart } from "./computed-parts.ts";
import { AttackSucceeded } from "./outcome.ts";
import { whyOutOfReach } from "./out-of-reach.ts";
import type { Proof } from "./proof.ts";
import { removalsOf } from "./removals.ts";
import { remove, watchRules } from "./rule-in-force.ts";
import { secondLocks, type SecondLock } from "./second-locks.ts";
import { forgetShared } from "./share.ts";

declare global {
  interface ImportMeta {
    glob(patterns: string[]): Record<string, () => Promise<unknown>>;
  }
}

/** In a process of its own, started by prove.ts: attacks with all rules, then the ones that met a rule without it. */
interface Tried {
  attack: CollectedAttack;
  ms: number;
  met: Set<number>;
  codes: Set<string>;
}

/** How an attack ended that was tried without a rule. */
type Ending = { kind: "refused" | "through" | "otherwise" | "broken" | "late"; text: string };

/** Of the attacks that met a rule, as many are tried at most until one gets through. */
const MAX_TRIES = 12;
const ATTEMPT_MS = 60_000;
/** The first rule waits until all attacks were tried. */
const ALL_MS = 1_800_000;
const REFUSED_OTHERWISE = /^refused with /;
const LATE = /^no end within /;

/** The attack that showed a rule, by the rule's name. */
const lastShown = JSON.parse(readFileSync(join(import.meta.dirname, "last-shown.json"), "utf8")) as Record<string, string>;
const { attacks, stages } = collectAttacks();
for (const load of Object.values(import.meta.glob(["../*.test.ts", "!../crash.test.ts"]))) await load();
const tried = new Map<CollectedAttack, Tried>();

/** With all rules in force every attack is refused, or every rule would seem proven. */
async function refusedFirst(attack: CollectedAttack): Promise<Tried> {
  const before = tried.get(attack);
  if (before) return before;
  const result: Tried = { attack, ms: 0, met: new Set(), codes: new Set() };
  const startMs = performance.now();
  await watchRules({ asks: (removal) => removal < rules.length, met: (rule) => result.met.add(rule), refused: (code) => result.codes.add(code) }, () => within(ATTEMPT_MS, attack.perform())).catch((error: unknown) => {
    throw new Error(`"${attack.name}" is not refused before a rule is gone`, { cause: error });
  });
  const done = { ...result, ms: performance.now() - startMs };
  tried.set(attack, done);
  return done;
}

/** The attacks that met a rule, the quickest first. */
function whoMet(index: number, rule: Rule): Tried[] {
  const met = [...tried.values()].filter((one) => one.met.has(index) || (isInClass(rule) && codesOf(rule).some((code) => one.codes.has(code))));
  return met.sort((a, b) => a.ms - b.ms);
}

afterAll(async () => {
  for (const stage of stages) await (await stage).close();
}, 120_000);

// What no attack may tell is asked of all that were tried for the others.
const inOrder = [...rules.entries()].sort(([, a], [, b]) => Number(whyOutOfReach(a) !== undefined) - Number(whyOutOfReach(b) !== undefined));

describe("without a rule", () => {
  for (const [index, rule] of inOrder) {
    test(rule.name, { timeout: ALL_MS }, async ({ task }) => {
      const proof = isCurrent(rule) ? await proofOf(index, rule) : unproven(rule, `its line does not occur exactly once in src/${rule.file}`);
      task.meta.proof = proof;
      if (proof.outcome === "unproven") throw new Error(proof.by);
    });
  }
});

async function proofOf(index: number, rule: Rule): Promise<Proof> {
  const lock = secondLocks.find((one) => one.rule === rule.name);
  if (lock) return proofOfLock(index, rule, lock);
  const part = computedParts.find((one) => one.rule === rule.name);
  if (part) return proofOfPart(index, rule, part);

  const shown = await shownAgain(index, rule);
  if (shown) return shown;
  const reason = whyOutOfReach(rule);
  if (reason === undefined) for (const attack of attacks) await refusedFirst(attack);
  const candidates = whoMet(index, rule);
  const through = await firstThrough(index, candidates);
  if (through !== undefined && reason !== undefined) return unproven(rule, `listed as out of reach, yet ${through}`);
  if (through !== undefined) return { rule: rule.name, outcome: "shown", by: through };
  if (reason !== undefined) return { rule: rule.name, outcome: "out of reach", by: reason };
  return unproven(rule, candidates.length === 0 ? "no attack meets it" : `${candidates.length} attacks meet it, and none gets through without it`);
}

/** What showed a rule the last time is asked first: then it need not be looked for among all attacks. */
async function shownAgain(index: number, rule: Rule): Promise<Proof | undefined> {
  const attack = attackNamed(lastShown[rule.name] ?? "");
  if (attack === undefined) return undefined;
  await refusedFirst(attack);
  const through = await firstThrough(index, [{ attack }]);
  return through === undefined ? undefined : { rule: rule.name, outcome: "shown", by: through };
}

async function firstThrough(index: number, candidates: Pick<Tried, "attack">[]): Promise<string | undefined> {
  for (const { attack } of candidates.slice(0, MAX_TRIES)) {
    const { kind, text } = await endingOf(attack, index);
    if (kind === "through" || kind === "otherwise") return `"${attack.name}" is not refused with ${attack.refusal}: ${text}`;
  }
  return undefined;
}

/** The attack is refused without the rule, and ends differently without what stands in front of it and without both. */
async function proofOfLock(index: number, rule: Rule, lock: SecondLock): Promise<Proof> {
  const attack = attackNamed(lock.attack);
  if (attack === undefined) return unproven(rule, `there is no attack "${lock.attack}"`);
  await refusedFirst(attack);
  const numbers = removalsOf(lock);
  const [alone, inFront, both] = [await endingOf(attack, index), await endingOf(attack, numbers.inFront), await endingOf(attack, numbers.both)];
  const names = lock.behind.map((one) => (typeof one === "string" ? one : one.name)).join(" and ");
  const story = `"${attack.name}", without it: ${alone.text}; without ${names}: ${inFront.text}; without both: ${both.text}`;
  if (alone.kind !== "refused") return unproven(rule, `listed as a second lock, and missed alone: ${story}`);
  const isMissed = (both.kind === "through" || both.kind === "otherwise") && both.text !== inFront.text;
  return isMissed ? { rule: rule.name, outcome: "together", by: story } : unproven(rule, `not missed behind what stands in front of it: ${story}`);
}

async function proofOfPart(index: number, rule: Rule, { attack: name, by }: ComputedPart): Promise<Proof> {
  const attack = attackNamed(name);
  if (attack === undefined) return unproven(rule, `there is no attack "${name}"`);
  await within(ATTEMPT_MS, attack.perform());
  if (by === "anew") forgetShared();
  const { kind, text } = await (by === "honest" ? endingWhenHonest(attack, index) : endingOf(attack, index));
  // Nobody who was introduced without the part is met by the next attack.
  forgetShared();
  const isMissed = { anew: kind === "through" || kind === "otherwise", known: kind === "through", honest: kind === "broken" }[by];
  if (!isMissed) return unproven(rule, `"${name}" does not miss it: ${text}`);
  return by === "honest" ? { rule: rule.name, outcome: "honest", by: `after "${name}": ${text}` } : { rule: rule.name, outcome: "shown", by: `"${name}" is not refused with ${attack.refusal}: ${text}` };
}

async function endingOf(attack: CollectedAttack, removal: number): Promise<Ending> {
  remove(removal);
  return endOf(attack.perform());
}

/** The attack meets all rules; what follows it is done without this one. */
async function endingWhenHonest(attack: CollectedAttack, removal: number): Promise<Ending> {
  return endOf(attack.perform(() => remove(removal)));
}

async function endOf(work: Promise<void>): Promise<Ending> {
  try {
    await within(ATTEMPT_MS, work);
    return { kind: "refused", text: "refused as stated" };
  } catch (error) {
    const text = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    if (error instanceof AttackSucceeded) return { kind: "through", text };
    if (REFUSED_OTHERWISE.test(text)) return { kind: "otherwise", text };
    return { kind: LATE.test(text) ? "late" : "broken", text };
  } finally {
    remove(undefined);
  }
}

function attackNamed(name: string): CollectedAttack | undefined {
  return attacks.find((attack) => attack.name === name);
}

function unproven({ name }: Rule, by: string): Proof {
  return { rule: name, outcome: "unproven", by };
}

/** The refusals that a rule speaks of. */
function codesOf({ edits }: Rule): string[] {
  return edits.flatMap(({ find }) => [...find.matchAll(/"((?:bad|unknown|unusable|rolled|split)-[a-z-]+|fork)"/g)].map(([, code = ""]) => code));
}

/** An object remembers what it has read: it cannot be asked twice, so that its refusals are all that is known. */
function isInClass({ file }: Rule): boolean {
  return file === "protocol/bytes.ts";
}

/** An attack that waits for what never comes has not been refused either, and says nothing else. */
async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => (timer = setTimeout(() => reject(new Error(`no end within ${ms} ms`)), ms)));
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
