import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { VARIABLES } from "../../src/server/config/config.ts";
import { SETTINGS } from "../../src/server/config/settings.ts";
import { type OperatorCommand, saidSettings } from "../../src/server/commands/command.ts";
import { parseCommandLine } from "../../src/server/commands/parse-command-line.ts";
import { operatorCommands } from "../../src/server/main.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../support/folders.ts";
import { type CommandOutcome, runCommand } from "../support/operator-command.ts";
import { ask } from "../support/graphql.ts";
import { startRelayProcess } from "../support/relay-process.ts";

let folder: TemporaryFolder;
let dataFolder: string;
beforeAll(async () => {
  folder = await createTemporaryFolder();
  dataFolder = join(folder.path, "data");
});
afterAll(() => folder.remove());

const run = (...args: string[]): Promise<CommandOutcome> => runCommand(args, { PEERBRAIN_DATA: dataFolder });

function listAll(commands: readonly OperatorCommand[]): OperatorCommand[] {
  return commands.flatMap((command) => [command, ...listAll(command.commands ?? [])]);
}

describe("settings on the command line", () => {
  it("are all variables but those that hold a password or are not ours", () => {
    const hidden = VARIABLES.filter((variable) => !SETTINGS.some((setting) => setting.variable === variable));
    expect(hidden.sort()).toEqual(["DATABASE_URL", "NODE_ENV", "PEERBRAIN_NATS_URL"]);
    for (const { flag, summary } of SETTINGS) {
      expect(flag).toMatch(/^--[a-z]+(-[a-z]+)*$/);
      expect(summary).not.toContain("see docs");
    }
  });

  it.each(SETTINGS)("$flag is $variable", ({ flag, variable }) => {
    const parsed = parseCommandLine(["serve", flag, "a value"], operatorCommands);
    expect(parsed && saidSettings(parsed.line)).toEqual({ [variable]: "a value" });
    expect(parseCommandLine(["serve", `${flag}=x`], operatorCommands)).toBeDefined();
    expect(parseCommandLine(["serve", flag], operatorCommands)).toBeUndefined();
  });

  it("go before the environment", async () => {
    const relay = await startRelayProcess(dataFolder, { PEERBRAIN_ACCESS_TOKEN_SECONDS: "20" }, ["--access-token-seconds", "30", "--playground", "off"]);
    const { data } = await ask(relay, { query: "{ relay { limits { accessTokenSeconds } } }" });
    expect(data.relay.limits.accessTokenSeconds).toBe(30);
    expect((await fetch(`${relay.origin}/playground`)).status).toBe(404);
    relay.signal("SIGTERM");
    expect(await relay.exited).toMatchObject({ exitCode: 0 });
  });

  it("are checked like the environment", async () => {
    expect(await run("serve", "--port", "many")).toMatchObject({ exitCode: 1, out: "", complaints: expect.stringContaining("PEERBRAIN_PORT must be a whole number") });
  });
});

describe("operator's commands", () => {
  it("are described, each with examples of its own", () => {
    for (const { name, summary, run: own, examples, commands } of listAll(operatorCommands)) {
      expect(summary, name).toMatch(/^[A-Z].*[^.]$/);
      expect(own ?? commands, name).toBeDefined();
      for (const [line] of examples) expect(parseCommandLine(line.split(" ").slice(1), operatorCommands), line).toBeDefined();
    }
  });

  it.each([[[]], [["swerve"]], [["serve", "now"]], [["serve", "--fast"]], [["serve", "--workers"]], [["doctor", "--json=yes"]]])("%j are no command", (args) => {
    expect(parseCommandLine(args, operatorCommands)).toBeUndefined();
  });
});

describe("peerbrain doctor", () => {
  it("says in one line each what it looked at, and ends with 0 when nothing is wrong", async () => {
    const { exitCode, out, complaints } = await run("doctor", "--port", "0", "--min-free-mib", "1");
    expect([exitCode, complaints]).toEqual([0, ""]);
    expect(out.trim().split("\n").map((line) => /^ok {4}([a-z .]+): ./.exec(line)?.[1])).toEqual([
      "configuration", "disk", "relay.keys", "database", "schema", "lock", "port", "public address", "certificate", "clock",
    ]);
  });

  it("names faults and what to do, and ends with 1", async () => {
    const { exitCode, out } = await run("doctor", "--port", "0", "--min-free-mib", "999999999");
    expect(exitCode).toBe(1);
    expect(out).toMatch(/^FAIL {2}disk: \d+ MiB are free .* \(DISK_FULL\)\n {6}Make room/m);
  });

  it("tells programs the same as JSON", async () => {
    const { exitCode, out } = await run("doctor", "--json", "--port", "0", "--public-url", "http://127.0.0.1:1");
    const { ok, findings } = JSON.parse(out);
    expect([exitCode, ok]).toEqual([1, false]);
    expect(findings.filter((finding: { outcome: string }) => finding.outcome !== "ok")).toEqual([
      { check: "public address", outcome: "fail", code: "PUBLIC_URL_UNREACHABLE", found: expect.stringContaining("ECONNREFUSED"), advice: expect.any(String) },
    ]);
  });

  it.each([[["--host", "http://x"], "PEERBRAIN_HOST"], [["--min-free-mib", "much"], "--min-free-mib"], [["--clock", "noon"], "--clock"]])("finds a configuration that cannot be meant: %j", async (args, text) => {
    const { exitCode, out } = await run("doctor", ...args);
    expect(exitCode).toBe(1);
    expect(out).toMatch(/^FAIL {2}configuration: /);
    expect(out).toContain(text);
  });
});
