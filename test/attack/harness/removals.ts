import { rules } from "../../vectors/rules/all-rules.ts";
import type { Rule } from "../../vectors/rules/rule.ts";
import { secondLocks, type SecondLock } from "./second-locks.ts";

/** All that is taken away at once, by its number: each rule by itself, then for each second lock what stands in front of it, without and with the rule. */
export const removals: Rule[][] = [...rules.map((rule) => [rule]), ...secondLocks.flatMap((lock) => [inFrontOf(lock), [ruleNamed(lock.rule), ...inFrontOf(lock)]])];

/** The numbers of both removals that belong to a second lock. */
export function removalsOf(lock: SecondLock): { inFront: number; both: number } {
  const inFront = rules.length + 2 * secondLocks.indexOf(lock);
  return { inFront, both: inFront + 1 };
}

function inFrontOf({ behind }: SecondLock): Rule[] {
  return behind.map((one) => (typeof one === "string" ? ruleNamed(one) : one));
}

function ruleNamed(name: string): Rule {
  const found = rules.find((rule) => rule.name === name);
  if (found === undefined) throw new RangeError(`there is no rule "${name}"`);
  return found;
}
