import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { formatRules } from "./format-rules.ts";
import { gossipRules } from "./gossip-rules.ts";
import { publicRules } from "./public-rules.ts";
import type { Rule } from "./rule.ts";
import { secretRules } from "./secret-rules.ts";

export const root = resolve(import.meta.dirname, "../../..");

export const rules: Rule[] = [...formatRules, ...publicRules, ...gossipRules, ...secretRules];

/** Whether the source below this root still holds the rule in the words that the edit looks for. */
export function isCurrent({ file, edits }: Rule, below = root): boolean {
  const source = readFileSync(join(below, "src", file), "utf8");
  return edits.every(({ find }) => source.split(find).length === 2);
}
