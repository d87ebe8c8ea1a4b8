import { spawnSync } from "node:child_process";
import { root } from "./run.ts";

/** The gate: what must hold before a change may land, one npm script each, all of them run whatever the others say. */
const steps: { script: string; claim: string }[] = [
  { script: "check:generated", claim: "generated code is up to date" },
  { script: "typecheck", claim: "every room compiles by its own rules" },
  { script: "law", claim: "the import law holds" },
  { script: "lint", claim: "no ambient clock, randomness or environment; no loose ends" },
  { script: "dead", claim: "nothing is dead" },
  { script: "test:schema", claim: "the resolvers are the contract" },
  { script: "build", claim: "the package builds" },
  { script: "docs", claim: "the pages say what is so" },
  { script: "test", claim: "the tests pass" },
  { script: "test:apps", claim: "the command line and the pages do what they show" },
  { script: "test:attack", claim: "every attack is refused" },
  { script: "test:chaos", claim: "nothing is lost or doubled when things fail" },
];

const withoutTests = process.argv.includes("--without-tests");
const isTest = (script: string): boolean => ["test", "test:apps", "test:attack", "test:chaos"].includes(script);
const chosen = steps.filter(({ script }) => !isTest(script) || !withoutTests);

const results = chosen.map(({ script, claim }) => {
  const start = performance.now();
  const passed = run(script);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${passed ? "ok    " : "FAILED"}  ${script.padEnd(16)}${claim} (${seconds} s)`);
  return { script, passed };
});

const failed = results.filter(({ passed }) => !passed).map(({ script }) => script);
console.log(`verify: ${results.length - failed.length} of ${results.length} steps passed${failed.length > 0 ? `; failed: ${failed.join(", ")}` : ""}`);
process.exitCode = failed.length > 0 ? 1 : 0;

/** A step is silent while it succeeds; the tests speak as they go. */
function run(script: string): boolean {
  const stdio = isTest(script) ? "inherit" : "pipe";
  const { status, stdout, stderr, error } = spawnSync("npm", ["run", "--silent", script], {
    cwd: root,
    stdio: ["ignore", stdio, stdio],
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
    shell: process.platform === "win32",
  });
  if (error) console.error(error.message);
  if (status !== 0 && stdio === "pipe") console.error(`${stdout}${stderr}`.trim());
  return status === 0;
}
