import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { describe, expect, it, vi } from "vitest";
import type { LogFields } from "../../src/domain/log.ts";
import { StartRefused } from "../../src/domain/start-refused.ts";
import { createLog } from "../../src/server/log.ts";
import { createTemporaryFolder } from "../support/folders.ts";

function record(level = "debug") {
  const written: string[] = [];
  const destination = new Writable({ write: (chunk, _, done) => (written.push(String(chunk)), done()) });
  return { log: createLog({ level, destination }), written, lines: () => written.map((text) => JSON.parse(text)) };
}

describe("the log", () => {
  it("is one JSON object per line, with a level, a time and a fixed text", () => {
    const { log, written, lines } = record();
    log.info("listening", { url: "http://127.0.0.1:1", port: 1 });
    expect(lines()).toEqual([{ level: "info", time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/), text: "listening", url: "http://127.0.0.1:1", port: 1 }]);
    expect(written.join("")).toMatch(/^[^\n]+\n$/);
  });

  it("keeps quiet below its level", () => {
    const { log, lines } = record("warn");
    log.debug("a");
    log.info("b");
    log.warn("c");
    log.error("d");
    expect(lines().map(({ text }) => text)).toEqual(["c", "d"]);
  });

  it("is not kept back for long once there is something to warn of, nor is what led to it", async () => {
    const folder = await createTemporaryFolder();
    const path = join(folder.path, "log");
    const destination = pino.destination({ dest: path, sync: false, minLength: 2048, maxWrite: 4096 });
    const log = createLog({ level: "info", destination });
    log.info("before");
    await sleep(50);
    expect(await readFile(path, "utf8")).toBe("");
    log.warn("now");
    await vi.waitFor(async () => expect(await readFile(path, "utf8")).toMatch(/"before".*\n.*"now"/));
    destination.destroy();
    await folder.remove();
  });

  it("drops every field that is not on the list, and every value that is not plain", () => {
    const { log, written } = record();
    const smuggled = { password: "canary-1", token: "canary-2", operation: { variables: "canary-3" }, host: ["canary-4"], toString: "canary-5", text: "canary-6", level: "canary-7" };
    log.info("signed in", smuggled as unknown as LogFields);
    log.info("signed in", JSON.parse('{"__proto__": {"url": "canary-8"}, "constructor": "canary-9"}') as LogFields);
    expect(written.join("")).not.toContain("canary");
    expect(written).toHaveLength(2);
  });

  it("shortens what is long", () => {
    const { log, written } = record();
    log.info("long", { operation: "x".repeat(10_000) });
    expect(written.join("").length).toBeLessThan(400);
  });

  it("tells of an error what it was and where, and not what it says", () => {
    const { log, written, lines } = record();
    const cause = Object.assign(new RangeError("canary-1\n    at canary-2 (/canary-3.ts:1:1)"), { code: "22P02", detail: "canary-4" });
    class QueryError extends Error {
      override name = "QueryError";
      query = "canary-5";
    }
    log.error("unexpected error", { errorId: "abc", error: new QueryError("canary-6", { cause }) });
    expect(written.join("")).not.toContain("canary");
    expect(lines()[0]).toMatchObject({
      text: "unexpected error", errorId: "abc",
      error: { name: "QueryError", frames: [expect.stringContaining("log.test.ts"), ...new Array(lines()[0].error.frames.length - 1).fill(expect.stringMatching(/^at /))], cause: { name: "RangeError", code: "22P02" } },
    });
  });

  it("tells what a refusal to start says, which is written for its readers", () => {
    const { log, lines } = record();
    log.error("not started", { error: new StartRefused("PORT_IN_USE", "Port 4600 is in use.") });
    expect(lines()[0].error).toMatchObject({ name: "StartRefused", code: "PORT_IN_USE", text: "Port 4600 is in use." });
  });

  it("survives what is no error", () => {
    const { log, written, lines } = record();
    const loop = new Error("canary");
    loop.cause = loop;
    for (const error of ["canary", null, 7, { message: "canary" }, loop]) log.error("odd", { error });
    expect(lines()).toHaveLength(5);
    expect(written.join("")).not.toContain("canary");
  });
});
