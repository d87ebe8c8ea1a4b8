import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTemporaryFolder, type TemporaryFolder } from "../support/folders.ts";
import { ask } from "../support/graphql.ts";

const checkout = join(import.meta.dirname, "../..");
const { version } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8"));

let folder: TemporaryFolder;
let dataFolder: string;
beforeAll(async () => {
  folder = await createTemporaryFolder();
  dataFolder = join(folder.path, "data");
});
afterAll(() => folder.remove());

interface Run {
  out: string;
  log: string;
  /** Once it is over. */
  exitCode: Promise<number | null>;
  untilReady(): Promise<void>;
  stop(signal: NodeJS.Signals): Promise<number | null>;
}

function run(args: string[], variables: Record<string, string> = {}): Run {
  const child = spawn(process.execPath, ["dist/bin.js", ...args], {
    cwd: checkout,
    env: { PATH: process.env["PATH"], PEERBRAIN_DATA: dataFolder, PEERBRAIN_PORT: "0", ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exitCode = once(child, "close").then(([code]) => code as number | null);
  const state: Run = {
    out: "",
    log: "",
    exitCode,
    async untilReady() {
      const isOver = exitCode.then(() => true);
      while (!state.out.includes("data folder")) {
        if (await Promise.race([isOver, new Promise<false>((resolve) => setTimeout(resolve, 20, false))])) throw new Error(state.log);
      }
    },
    stop(signal) {
      child.kill(signal);
      return exitCode;
    },
  };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (state.out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (state.log += text));
  return state;
}

async function runToEnd(args: string[], variables?: Record<string, string>): Promise<{ exitCode: number | null; out: string; log: string }> {
  const state = run(args, variables);
  const exitCode = await state.exitCode;
  return { exitCode, out: state.out, log: state.log };
}

test("serve says where everything is, whether the data is new, and ends with 0 when it is told to", async () => {
  const first = run(["serve"]);
  await first.untilReady();
  expect(first.out).toMatch(/API +http:\/\/127\.0\.0\.1:\d+\/graphql\n +subscriptions +ws:\/\/127\.0\.0\.1:\d+\/graphql\n +playground +http:\/\/127\.0\.0\.1:\d+\/playground\n/);
  expect(first.out).toContain(`${dataFolder} (created)`);
  const url = /API +(\S+)/.exec(first.out)?.[1] ?? "";
  const { data: before } = await ask({ url }, { query: "{ relay { softwareVersion receiptKey } }" });
  expect(before.relay.softwareVersion).toBe(version);
  expect(await first.stop("SIGINT")).toBe(0);

  const second = run(["serve"], { PEERBRAIN_PLAYGROUND: "off" });
  await second.untilReady();
  expect(second.out).toContain(`${dataFolder} (reused)`);
  expect(second.out).toMatch(/playground +off/);
  const { data: after } = await ask({ url: /API +(\S+)/.exec(second.out)?.[1] ?? "" }, { query: "{ relay { softwareVersion receiptKey } }" });
  expect(after).toEqual(before);
  expect(await second.stop("SIGTERM")).toBe(0);
});

describe("a relay that cannot start says why in one line, and ends with 1", () => {
  async function expectOneLine(variables: Record<string, string>, ...texts: string[]): Promise<void> {
    const { exitCode, out, log } = await runToEnd(["serve"], { PEERBRAIN_LOG_LEVEL: "silent", ...variables });
    expect({ exitCode, out, lines: log.trim().split("\n").length }).toEqual({ exitCode: 1, out: "", lines: 1 });
    for (const text of ["peerbrain: ", ...texts]) expect(log).toContain(text);
    expect(log).not.toMatch(/secret|\.ts:\d/);
  }

  test("the port is in use", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as AddressInfo;
    await expectOneLine({ PEERBRAIN_PORT: `${port}` }, `Port ${port}`, "PEERBRAIN_PORT");
    other.close();
  });

  test("the address is not this machine's", () => expectOneLine({ PEERBRAIN_HOST: "192.0.2.1" }, "192.0.2.1", "PEERBRAIN_HOST"));

  test("the database cannot be reached", () =>
    expectOneLine({ DATABASE_URL: "postgresql://somebody:secret@127.0.0.1:1/peerbrain" }, "127.0.0.1:1", "DATABASE_URL"));
});

test("a signal during the start stops the relay as soon as it has started", async () => {
  const state = run(["serve"], { PEERBRAIN_LOG_LEVEL: "info" });
  while (!/database (started|adopted)/.test(state.log)) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await state.stop("SIGTERM")).toBe(0);
  expect(state.log).toContain('"text":"relay stopped"');
});

describe("the command line", () => {
  test("tells its version", async () => {
    expect(await runToEnd(["--version"])).toEqual({ exitCode: 0, out: `${version}\n`, log: "" });
  });

  test("explains itself", async () => {
    const { exitCode, out } = await runToEnd(["--help"]);
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^ +serve +Run a relay/m);
  });

  test.each([[["swerve"]], [["serve", "--fast"]]])("does not guess at %s", async (args) => {
    const { exitCode, out, log } = await runToEnd(args);
    expect([exitCode, out]).toEqual([2, ""]);
    expect(log).toContain(args.at(-1));
  });
});
