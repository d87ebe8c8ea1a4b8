import { readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { capture, toolPath } from "./run.ts";

/** What the import law has to say about a tree: how much of it was read, and every forbidden path. */
export interface LawReport {
  /** Files below the folders under the law that were read, as paths from the root. */
  modules: string[];
  /** One line each: the rule, then the files from the importer to what it must not have. */
  violations: string[];
}

interface CruiseResult {
  modules: { source: string }[];
  summary: { violations: { rule: { name: string }; from: string; to: string; via?: { name: string }[]; cycle?: { name: string }[] }[] };
}

/** What the law governs: the sources, and the one part of the tests whose worth is what it does not import. */
const governed = ["src", "test/interop"];

/**
 * Checks the tree below `root` against the import law in its .dependency-cruiser.mjs.
 * Throws when any source file was not read: a law that sees nothing finds nothing, and would call that a success.
 */
export async function checkLaw(root: string): Promise<LawReport> {
  const sources = listSources(root);
  const cruise = toolPath("dependency-cruiser", "depcruise");
  const { stdout, stderr } = await capture([cruise, ...governed, "--config", ".dependency-cruiser.mjs", "--output-type", "json"], root);
  if (!stdout.startsWith("{")) throw new Error(`the import law was not checked: ${stderr || stdout}`);
  const result = JSON.parse(stdout) as CruiseResult;

  const modules = result.modules.map((module) => module.source).filter((source) => governed.some((folder) => source.startsWith(`${folder}/`)));
  const unread = sources.filter((source) => !modules.includes(source));
  if (modules.length === 0 || unread.length > 0) throw new Error(`the import law did not read ${unread.join(", ") || "a single file"}`);

  const violations = result.summary.violations.map(({ rule, from, to, via, cycle }) => {
    const path = (via ?? cycle)?.map((step) => step.name) ?? [to];
    return `${rule.name}: ${[from, ...path].join(" → ")}`;
  });
  return { modules, violations };
}

function listSources(root: string): string[] {
  return governed
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
    .filter((file) => file.isFile() && /(?<!\.d)\.tsx?$/.test(file.name))
    .map((file) => relative(root, join(file.parentPath, file.name)).replaceAll(sep, "/"));
}
