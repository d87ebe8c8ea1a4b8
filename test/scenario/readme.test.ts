import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { startTestRelay } from "../support/relay.ts";

const root = join(import.meta.dirname, "../..");

test("the program of the README fits in 20 lines and does what it says", async () => {
  const readme = await readFile(join(root, "README.md"), "utf8");
  const program = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  expect(program.trimEnd().split("\n").length).toBeLessThanOrEqual(20);
  // The sources stand in for the built package, which has the same entry.
  const onSources = program.replace('"peerbrain"', JSON.stringify(join(root, "src/client/index.ts")));
  expect(onSources).not.toBe(program);
  const relay = await startTestRelay();
  const folder = await mkdtemp(join(root, "node_modules/.readme-"));
  try {
    await writeFile(join(folder, "program.mts"), onSources);
    const options = { cwd: root, env: { ...process.env, RELAY: relay.origin }, timeout: 50_000 };
    const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", join(folder, "program.mts")], options);
    expect(stdout.trim().split("\n")).toEqual([
      "alice, just now: Hello Bob.",
      "alice, in all: Hello Bob.",
      "alice, in all: Written before we were friends.",
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
    await relay.stop();
  }
});
