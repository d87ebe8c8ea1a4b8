import { afterAll, describe, test } from "vitest";
import { isCurrent, rules } from "../../vectors/rules/all-rules.ts";
import type { Rule } from "../../vectors/rules/rule.ts";
import { collectAttacks, type CollectedAttack } from "./attack.ts";
import { AttackSucceeded } from "./outcome.ts";
import { whyOutOfReach } from "./out-of-reach.ts";
import type { Proof } from "./proof.ts";
import { removeRule, watchRules } from "./rule-in-force.ts";

declare global {
  interface ImportMeta {
    glob(patterns: string[]): Record<string, () => Promise<unknown>>;
  }
}

/** In a process of its own, started by prove.ts: first every attack with all rules, then the ones that met a rule without it. */
interface Tried {
  attack: CollectedAttack;
  ms: number;
  met: Set<number>;
  codes: Set<string>;
}

/** Of the attacks that met a rule, as many are tried at most until one gets through. */
const MAX_TRIES = 12;
const ATTEMPT_MS = 60_000;
/** The first rule waits until all attacks were tried. */
const ALL_MS = 1_800_000;
const REFUSED_OTHERWISE = /^refused with /;

const { attacks, stages } = collectAttacks();
for (const load of Object.values(import.meta.glob(["../*.test.ts", "!../crash.test.ts"]))) await load();
let trying: Promise<Tried[]> | undefined;

/** Without any rule gone every attack is refused, or every rule would seem proven. The quickest come first. */
async function tryAll(): Promise<Tried[]> {
  const tried: Tried[] = [];
  for (const attack of attacks) {
    const result: Tried = { attack, ms: 0, met: new Set(), codes: new Set() };
    const startMs = performance.now();
    await watchRules({ met: (rule) => result.met.add(rule), refused: (code) => result.codes.add(code) }, () => within(ATTEMPT_MS, attack.perform())).catch((error: unknown) => {
      throw new Error(`"${attack.name}" is not refused before a rule is gone`, { cause: error });
    });
    tried.push({ ...result, ms: performance.now() - startMs });
  }
  return tried.sort((a, b) => a.ms - b.ms);
}

afterAll(async () => {
  for (const stage of stages) await (await stage).close();
}, 120_000);

describe("without a rule", () => {
  for (const [index, rule] of rules.entries()) {
    test(rule.name, { timeout: ALL_MS }, async ({ task }) => {
      const proof = isCurrent(rule) ? await proofOf(index, rule) : stale(rule);
      task.meta.proof = proof;
      if (proof.outcome === "unproven") throw new Error(proof.by);
    });
  }
});

function stale({ name, file }: Rule): Proof {
  return { rule: name, outcome: "unproven", by: `its line does not occur exactly once in src/${file}` };
}

async function proofOf(index: number, rule: Rule): Promise<Proof> {
  const candidates = (await (trying ??= tryAll())).filter(({ met, codes }) => met.has(index) || (isInClass(rule) && codesOf(rule).some((code) => codes.has(code))));
  const through = await firstThrough(index, candidates);
  const reason = whyOutOfReach(rule);
  if (through !== undefined && reason !== undefined && !rule.computes) return { rule: rule.name, outcome: "unproven", by: `listed as out of reach, yet ${through}` };
  if (through !== undefined) return { rule: rule.name, outcome: "shown", by: through };
  if (reason !== undefined) return { rule: rule.name, outcome: "out of reach", by: reason };
  return { rule: rule.name, outcome: "unproven", by: candidates.length === 0 ? "no attack meets it" : `${candidates.length} attacks meet it, and none gets through without it` };
}

async function firstThrough(index: number, candidates: Tried[]): Promise<string | undefined> {
  for (const { attack } of candidates.slice(0, MAX_TRIES)) {
    removeRule(index);
    const error = await within(ATTEMPT_MS, attack.perform()).catch((caught: unknown) => caught as Error);
    removeRule(undefined);
    if (error instanceof AttackSucceeded || (error instanceof Error && REFUSED_OTHERWISE.test(error.message))) return `"${attack.name}" is not refused with ${attack.refusal}: ${error.message}`;
  }
  return undefined;
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
