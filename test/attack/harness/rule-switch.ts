import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vitest/config";
import { root } from "../../vectors/rules/all-rules.ts";
import { removals } from "./removals.ts";

const EXPORTED = /^export (?:async )?(function|const|class) (\w+)/gm;
const VARIANT = /^(.*)\?without=(\d+|nothing)$/;

/**
 * Loads every file that holds rules of the readers once for each of them, without it, and once as it is. What the others
 * import is a switch in front of these: taking a rule away needs no build and no new process, and edits no file.
 */
export function ruleSwitch(): Plugin {
  const removalsOf = new Map<string, number[]>();
  removals.forEach((taken, number) => {
    for (const path of new Set(taken.map(pathOf))) removalsOf.set(path, [...(removalsOf.get(path) ?? []), number]);
  });

  return {
    name: "rule-switch",
    enforce: "pre",
    load(id) {
      const [, path = id, without] = VARIANT.exec(id) ?? [];
      const held = removalsOf.get(path);
      if (held === undefined) return undefined;
      const source = readFileSync(path, "utf8");
      if (without === undefined) return switchOf(path, source, held);
      return without === "nothing" ? source : sourceWithout(path, source, Number(without));
    },
  };
}

function pathOf({ file }: { file: string }): string {
  return join(root, "src", file);
}

function sourceWithout(path: string, source: string, removal: number): string {
  const edits = (removals[removal] ?? []).filter((rule) => pathOf(rule) === path).flatMap((rule) => rule.edits);
  return edits.reduce((text, { find, replace }) => {
    if (!text.includes(find)) throw new Error(`"${find}" does not occur in ${path}`);
    return text.replace(find, () => replace);
  }, source);
}

/** A module with the same exports, each of which goes to the one that is in force. */
function switchOf(path: string, source: string, held: number[]): string {
  const exported = [...source.matchAll(EXPORTED)].map(([, kind, name]) => ({ kind, name }));
  const imports = ["nothing", ...held].map((without) => `import * as without_${without} from ${JSON.stringify(`${path}?without=${without}`)};`);
  const variants = `const variants = [${held.map((removal) => `[${removal}, without_${removal}]`).join(", ")}];`;
  const exports = exported.map(({ kind, name }) => `export const ${name} = ${kind === "class" ? "switchClass" : "switchValue"}("${name}", without_nothing, variants);`);
  return [`import { switchClass, switchValue } from ${JSON.stringify(join(import.meta.dirname, "rule-in-force.ts"))};`, ...imports, variants, ...exports].join("\n");
}
