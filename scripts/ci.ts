import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { countTests } from "./count-tests.ts";
import { root } from "./run.ts";

/** What a clean clone goes through once it is installed: the tests, the rest of the gate, the demo. The last line counts tests and checks together. */
const tests = runTests();
const checks = [run(["run", "--silent", "verify", "--", "--without-tests"]), ...(existsSync(join(root, "demo")) ? [run(["run", "--silent", "demo"])] : [])];

const passed = tests.passed + checks.filter((exitCode) => exitCode === 0).length;
const failed = tests.failed + checks.filter((exitCode) => exitCode !== 0).length;
if (tests.skipped > 0) console.log(`${tests.skipped} tests did not run`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

function runTests(): ReturnType<typeof countTests> {
  const folder = mkdtempSync(join(tmpdir(), "peerbrain-ci-"));
  const report = join(folder, "tests.json");
  try {
    const exitCode = run(["test", "--", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`]);
    return countTests(existsSync(report) ? readFileSync(report, "utf8") : undefined, exitCode);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(npmArgs: string[]): number {
  return spawnSync("npm", npmArgs, { cwd: root, stdio: "inherit", shell: process.platform === "win32" }).status ?? 1;
}
