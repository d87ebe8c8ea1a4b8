import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vitest/config";
import { root, rules } from "../../vectors/rules/all-rules.ts";
import type { Rule } from "../../vectors/rules/rule.ts";

const EXPORTED = /^export (?:async )?(function|const|class) (\w+)/gm;
const VARIANT = /^(.*)\?without=(\d+|nothing)$/;

/**
 * Loads every file that holds rules of the readers once for each of them, without it, and once as it is. What the others
 * import is a switch in front of these: taking a rule away needs no build and no new process, and edits no file.
 */
export function ruleSwitch(): Plugin {
  const rulesOf = new Map<string, number[]>();
  rules.forEach(({ file }, index) => {
    const path = join(root, "src", file);
    rulesOf.set(path, [...(rulesOf.get(path) ?? []), index]);
  });

  return {
    name: "rule-switch",
    enforce: "pre",
    load(id) {
      const [, path = id, without] = VARIANT.exec(id) ?? [];
      const held = rulesOf.get(path);
      if (held === undefined) return undefined;
      const source = readFileSync(path, "utf8");
      if (without === undefined) return switchOf(path, source, held);
      return without === "nothing" ? source : withoutRule(source, rules[Number(without)]);
    },
  };
}

function withoutRule(source: string, rule: Rule | undefined): string {
  if (rule === undefined) throw new RangeError("there is no such rule");
  return rule.edits.reduce((text, { find, replace }) => text.replace(find, () => replace), source);
}

/** A module with the same exports, each of which goes to the one that is in force. */
function switchOf(path: string, source: string, held: number[]): string {
  const exported = [...source.matchAll(EXPORTED)].map(([, kind, name]) => ({ kind, name }));
  const imports = ["nothing", ...held].map((without) => `import * as without_${without} from ${JSON.stringify(`${path}?without=${without}`)};`);
  const variants = `const variants = [${held.map((index) => `[${index}, without_${index}]`).join(", ")}];`;
  const exports = exported.map(({ kind, name }) => `export const ${name} = ${kind === "class" ? "switchClass" : "switchValue"}("${name}", without_nothing, variants);`);
  return [`import { switchClass, switchValue } from ${JSON.stringify(join(import.meta.dirname, "rule-in-force.ts"))};`, ...imports, variants, ...exports].join("\n");
}
