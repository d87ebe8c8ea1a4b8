import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root } from "../../../scripts/run.ts";
import { proveRules } from "./prove.ts";

/**
 * Runs all attacks and ends with their count; a name of a file chooses it. With --prove, shows for each rule of the readers that
 * some attack gets through without it; --rules TEXT chooses the rules whose names contain the text.
 */
const args = process.argv.slice(2);
process.exitCode = args.includes("--prove") ? proveRules(valueAfter("--rules") ?? "") : runAttacks();

function runAttacks(): number {
  const narrowed = args.map((arg) => (arg.startsWith("-") ? arg : `test/attack/${arg}`));
  const reporter = join(import.meta.dirname, "reporter.ts");
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  return spawnSync(process.execPath, [vitest, "run", `--reporter=${reporter}`, "--project=attack", ...narrowed], { cwd: root, stdio: "inherit" }).status ?? 1;
}

function valueAfter(option: string): string | undefined {
  const index = args.indexOf(option);
  return index < 0 ? undefined : args[index + 1];
}
