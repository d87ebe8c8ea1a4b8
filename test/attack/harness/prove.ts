import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../../../scripts/run.ts";
import { isCurrent, rules } from "../../vectors/rules/all-rules.ts";
import type { Rule } from "../../vectors/rules/rule.ts";
import { whyOutOfReach } from "./out-of-reach.ts";

const COPIED = ["src", "test", "scripts", "demo", "prisma", "schema.graphql", "package.json", "tsconfig.json", "tsconfig.pure.json", "types"];
const LINKED = ["node_modules", "dist"];
const CODE = /"(bad-[a-z-]+|unusable-card|unknown-version|fork|rolled-back)"/g;
/** How an attack fails that got further than it should: whatever else fails says that the edit broke the code. */
const GOT_THROUGH = /^(?:SUCCEEDED.*|UNCLEAR.*refused with .*)$/m;

const CONFIG = `import { defineConfig } from "vitest/config";
export default defineConfig({
  resolve: { alias: [{ find: /^graphql$/, replacement: "graphql/index.js" }] },
  test: { include: ["test/attack/*.test.ts"], globalSetup: ["test/attack/harness/database-setup.ts"], testTimeout: 60_000, hookTimeout: 120_000, maxWorkers: 2, isolate: false },
});
`;

/**
 * Takes one rule of the readers after the other out of a copy of the sources, and shows the attack that gets through without
 * it. Rules that no relay and no friend can touch through a client are listed by name, with the reason; the vectors prove them.
 */
export async function proveRules(nameHolds: string): Promise<number> {
  const chosen = rules.filter(({ name }) => name.includes(nameHolds));
  const copy = makeCopy();
  try {
    demandUntouched(copy, chosen);
    const unproven = chosen.filter((rule) => !prove(copy, rule)).length;
    say(`${chosen.length - unproven} of ${chosen.length} rules are shown by an attack, or are out of reach for a reason`);
    return unproven > 0 ? 1 : 0;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

// The checkout is never edited: a run that dies leaves a folder behind and no changed source.
function makeCopy(): string {
  const copy = mkdtempSync(join(tmpdir(), "peerbrain-attacks-"));
  for (const path of COPIED) cpSync(join(root, path), join(copy, path), { recursive: true });
  for (const path of LINKED) symlinkSync(join(root, path), join(copy, path), "junction");
  writeFileSync(join(copy, "vitest.config.ts"), CONFIG);
  return copy;
}

/** Without any edit every attack is refused, or every rule would seem proven. */
function demandUntouched(copy: string, chosen: Rule[]): void {
  const codes = chosen.map(codesOf);
  const all = codes.every(({ length }) => length > 0) ? [...new Set(codes.flat())] : [];
  const { status, stdout, stderr } = runAttacks(copy, all);
  if (status !== 0) throw new Error(`attacks are not refused before anything is changed:\n${stdout}${stderr}`);
}

function prove(copy: string, rule: Rule): boolean {
  if (!isCurrent(rule, copy)) {
    say(`STALE    ${rule.name}: its line does not occur exactly once in src/${rule.file}`);
    return false;
  }
  const path = join(copy, "src", rule.file);
  const source = readFileSync(path, "utf8");
  writeFileSync(path, rule.edits.reduce((text, { find, replace }) => text.replace(find, () => replace), source));
  const { stdout } = runAttacks(copy, codesOf(rule));
  writeFileSync(path, source);
  const through = GOT_THROUGH.exec(stdout)?.[0].replace(/\s+/g, " ");
  const reason = whyOutOfReach(rule);
  if (through !== undefined) say(`shown    ${rule.name}: ${through}`);
  else if (reason !== undefined) say(`vectors  ${rule.name}: ${reason}`);
  else say(`UNPROVEN ${rule.name}: no attack gets through`);
  return through !== undefined || reason !== undefined;
}

/** The refusals that a rule speaks of; none where it says nothing of the kind, and every attack has to be tried. */
function codesOf({ edits }: Rule): string[] {
  const codes = edits.flatMap(({ find }) => [...find.matchAll(CODE)].map(([, code = ""]) => code));
  if (edits.some(({ find }) => find.startsWith("demandVersion("))) codes.push("unknown-version");
  return codes;
}

function runAttacks(copy: string, codes: string[]): { status: number | null; stdout: string; stderr: string } {
  const args = ["run", `--reporter=${join(copy, "test/attack/harness/reporter.ts")}`, "--bail=1"];
  if (codes.length > 0) args.push("-t", `(${codes.join("|")})\\]`);
  return spawnSync(process.execPath, [join(copy, "node_modules/vitest/vitest.mjs"), ...args], { cwd: copy, encoding: "utf8" });
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
