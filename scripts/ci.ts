import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { countTests, type TestCounts } from "./count-tests.ts";
import { root } from "./run.ts";

/** One life of some minutes. Its seed is fixed, because a gate is no lottery. */
const longLife = { LIFE_STEPS: "10000", CHAOS_SEED: "20261121" };

/**
 * What a clean clone goes through once it is installed: the tests, those of what people use, the attacks, the bounded form of
 * what is long, a longer life, the rest of the gate, the demo. The last line counts tests and checks together.
 */
const tests = [...["test", "test:apps", "test:attack", "test:chaos"].map((script) => runTests(script)), runTests("test:chaos", ["life.test"], longLife)];
const checks = [run(["run", "--silent", "verify", "--", "--without-tests"]), run(["run", "--silent", "demo"])];

const sum = (count: keyof TestCounts): number => tests.reduce((total, counts) => total + counts[count], 0);
const passed = sum("passed") + checks.filter((exitCode) => exitCode === 0).length;
const failed = sum("failed") + checks.filter((exitCode) => exitCode !== 0).length;
if (sum("skipped") > 0) console.log(`${sum("skipped")} tests did not run`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

function runTests(script: string, files: string[] = [], variables: Record<string, string> = {}): TestCounts {
  const folder = mkdtempSync(join(tmpdir(), "peerbrain-ci-"));
  const report = join(folder, "tests.json");
  try {
    // The attacks have a reporter of their own.
    const reporters = script === "test:attack" ? [] : ["--reporter=default"];
    const exitCode = run(["run", "--silent", script, "--", ...files, ...reporters, "--reporter=json", `--outputFile.json=${report}`], variables);
    return countTests(existsSync(report) ? readFileSync(report, "utf8") : undefined, exitCode);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(npmArgs: string[], variables: Record<string, string> = {}): number {
  return spawnSync("npm", npmArgs, { cwd: root, env: { ...process.env, ...variables }, stdio: "inherit", shell: process.platform === "win32" }).status ?? 1;
}
