import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startEmbeddedPostgres, type EmbeddedPostgres } from "../../src/storage/embedded-postgres/start-embedded-postgres.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../support/folders.ts";
import { spawnProcess, type SpawnedProcess, type SpawnOptions } from "../support/process.ts";
import { recordingLog, systemClock } from "../support/quiet.ts";
import { expectStartRefused } from "../support/start-refusal.ts";

type Connection = EmbeddedPostgres["connection"];

const HOLD_DATABASE = join(import.meta.dirname, "hold-database.process.ts");

let folder: TemporaryFolder;
let dataFolder: string;
/** Above what Linux and macOS hand out. */
const NO_PROCESS = 999_999_999;

const started: EmbeddedPostgres[] = [];
const holders: SpawnedProcess[] = [];

beforeEach(async () => {
  folder = await createTemporaryFolder();
  dataFolder = join(folder.path, "data");
});
afterEach(async () => {
  for (const holder of holders.splice(0)) if (holder.child.exitCode === null && holder.child.signalCode === null) await holder.end("SIGKILL");
  for (const database of started.splice(0)) await database.stop();
  if (await isDatabaseLeft()) await (await startEmbeddedPostgres({ dataFolder, log: recordingLog(), clock: systemClock })).stop();
  await folder.remove();
});

async function start(log = recordingLog()): Promise<EmbeddedPostgres> {
  const database = await startEmbeddedPostgres({ dataFolder, log, clock: systemClock });
  started.push(database);
  return database;
}

/** Starts the database in another process, which stands for a relay that can be killed. */
async function hold(options: SpawnOptions = {}): Promise<SpawnedProcess & { connection: Connection }> {
  const holder = spawnProcess(HOLD_DATABASE, [dataFolder], options);
  holders.push(holder);
  const { connection } = await holder.nextLine();
  return { ...holder, connection: connection as Connection };
}

async function query(connection: Connection, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(connection);
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

const isDatabaseLeft = (): Promise<boolean> => stat(join(dataFolder, "postgres/postmaster.pid")).then(() => true, () => false);
const postmasterPid = async (): Promise<number> => Number((await readFile(join(dataFolder, "postgres/postmaster.pid"), "utf8")).split("\n")[0]);

describe("the embedded database", () => {
  it("is created at the first start and found again at the second", async () => {
    const first = await start();
    await query(first.connection, "CREATE TABLE kept AS SELECT 'still here' AS text");
    await first.stop();
    const second = await start();
    expect(await query(second.connection, "SELECT text FROM kept")).toEqual([{ text: "still here" }]);
  });

  it("writes to the disk before it acknowledges, and listens on no port", async () => {
    const { connection } = await start();
    expect(await query(connection, "SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit, current_setting('full_page_writes') AS pages, current_setting('listen_addresses') AS ports"))
      .toEqual([{ fsync: "on", commit: "on", pages: "on", ports: "" }]);
  });

  it("keeps its socket in a short folder of its own, and removes that when it stops", async () => {
    const database = await start();
    const { host } = database.connection;
    const { mode } = await stat(host);
    expect((mode & 0o777).toString(8)).toBe("700");
    expect(Buffer.byteLength(join(host, ".s.PGSQL.5432"))).toBeLessThanOrEqual(103);
    expect(await readFile(join(dataFolder, "postgres.socket"), "utf8")).toBe(host);
    await database.stop();
    await expect(stat(host)).rejects.toThrow("ENOENT");
    expect(await readdir(join(dataFolder, "postgres"))).not.toContain("postmaster.pid");
  });

  it("keeps its socket in the data folder when the temporary folder's path is too long", async () => {
    const longFolder = join(folder.path, "x".repeat(100));
    await mkdir(longFolder, { recursive: true });
    const holder = await hold({ env: { ...process.env, TMPDIR: longFolder } });
    expect(holder.connection.host.startsWith(join(dataFolder, "pb-"))).toBe(true);
    expect(await query(holder.connection, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    holder.child.stdin.write("stop\n");
    await holder.end();
  });

  it("logs no statement and no value", async () => {
    const { connection } = await start();
    const canary = `canary${randomBytes(8).toString("hex")}`;
    await query(connection, "CREATE TABLE words (word TEXT PRIMARY KEY)");
    await query(connection, `INSERT INTO words VALUES ('${canary}')`);
    await expect(query(connection, `INSERT INTO words VALUES ('${canary}')`)).rejects.toThrow("duplicate key");
    await expect(query(connection, `SELECT ${canary}_misspelt('x')`)).rejects.toThrow("does not exist");
    const log = await readFile(join(dataFolder, "postgres.log"), "utf8");
    expect(log).toContain("duplicate key");
    expect(log).not.toContain(`(${canary})`);
    expect(log).not.toContain("INSERT");
  });
});

describe("after kill -9", () => {
  it("of the relay, the running database is adopted with everything that was acknowledged", async () => {
    const holder = await hold();
    await query(holder.connection, "CREATE TABLE kept AS SELECT 1 AS number");
    const pid = await postmasterPid();
    await holder.end("SIGKILL");
    expect(await query(holder.connection, "SELECT number FROM kept")).toEqual([{ number: 1 }]);

    const log = recordingLog();
    const database = await start(log);
    expect(log.lines).toContainEqual({ level: "info", text: "database adopted", fields: { pid } });
    expect(await query(database.connection, "SELECT number FROM kept")).toEqual([{ number: 1 }]);
    await database.stop();
    expect(await readdir(join(dataFolder, "postgres"))).not.toContain("postmaster.pid");
  });

  it("of the relay, a database that was started otherwise is replaced", async () => {
    const holder = await hold();
    await query(holder.connection, "CREATE TABLE kept AS SELECT 1 AS number");
    const pid = await postmasterPid();
    await holder.end("SIGKILL");
    const options = join(dataFolder, "postgres/postmaster.opts");
    await writeFile(options, (await readFile(options, "utf8")).replace("peerbrain-18", "peerbrain-17"));

    const database = await start();
    expect(await postmasterPid()).not.toBe(pid);
    expect(await query(database.connection, "SELECT number FROM kept")).toEqual([{ number: 1 }]);
  });

  it("of the relay, whose socket is gone since, the database is replaced", async () => {
    const holder = await hold();
    await query(holder.connection, "CREATE TABLE kept AS SELECT 1 AS number");
    await holder.end("SIGKILL");
    await rm(holder.connection.host, { recursive: true });

    const database = await start();
    expect(await query(database.connection, "SELECT number FROM kept")).toEqual([{ number: 1 }]);
  });

  it("of relay and database, the database recovers", async () => {
    const holder = await hold();
    await query(holder.connection, "CREATE TABLE kept AS SELECT 1 AS number");
    const pid = await postmasterPid();
    await holder.end("SIGKILL");
    process.kill(pid, "SIGKILL");
    const database = await start();
    expect(await query(database.connection, "SELECT number FROM kept")).toEqual([{ number: 1 }]);
  });

  it("of both, an unrelated process that got the database's pid is not taken for it", async () => {
    const database = await start();
    await database.stop();
    // PostgreSQL itself believes in any process of its own user.
    const { uid, gid } = await stat(join(dataFolder, "postgres"));
    const unrelated = spawn("sleep", ["600"], { cwd: "/", ...(process.getuid?.() === 0 && { uid, gid }) });
    await writeFile(join(dataFolder, "postgres/postmaster.pid"), `${unrelated.pid}\n${dataFolder}/postgres\n1\n5432\n/nowhere\n\n1 1\nready   \n`);
    const again = await start().finally(() => unrelated.kill());
    expect(await query(again.connection, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  it("of the database, it comes back on the same connection while the relay runs on", async () => {
    const log = recordingLog();
    const { connection } = await start(log);
    await query(connection, "CREATE TABLE kept AS SELECT 1 AS number");
    for (const round of [1, 2]) {
      process.kill(await postmasterPid(), "SIGKILL");
      await expect.poll(() => log.lines.filter(({ text }) => text === "database started").length, { timeout: 20_000 }).toBe(round + 1);
    }
    expect(await query(connection, "SELECT number FROM kept")).toEqual([{ number: 1 }]);
    await expectStartRefused(startEmbeddedPostgres({ dataFolder, log, clock: systemClock }), "DATA_FOLDER_IN_USE");
  });

  it("a start that was killed half-way leaves nothing that looks like a database", async () => {
    const database = await start();
    await database.stop();
    await mkdir(join(dataFolder, `postgres.draft-${NO_PROCESS}-abcdef`));
    await start();
    expect(await readdir(dataFolder)).not.toContain(`postgres.draft-${NO_PROCESS}-abcdef`);
  });

  it("what another start is still making stays", async () => {
    const database = await start();
    await database.stop();
    await mkdir(join(dataFolder, "postgres.draft-1-abcdef"));
    await start();
    expect(await readdir(dataFolder)).toContain("postgres.draft-1-abcdef");
  });
});

describe("one relay per data folder", () => {
  it("the second is refused with the first one's pid, and the first does not notice", async () => {
    const holder = await hold();
    await expectStartRefused(start(), "DATA_FOLDER_IN_USE", dataFolder, `process ${holder.pid}`, "PEERBRAIN_DATA");
    expect(await query(holder.connection, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  it("of two that start at once on an empty folder, one wins", async () => {
    const relays = [1, 2].map(() => spawnProcess(HOLD_DATABASE, [dataFolder]));
    holders.push(...relays);
    const answers = await Promise.all(relays.map((relay) => relay.nextLine()));
    expect(answers.filter((answer) => "connection" in answer)).toHaveLength(1);
    expect(answers.filter((answer) => answer["code"] === "DATA_FOLDER_IN_USE")).toHaveLength(1);
    // The files of the one that came second are gone at the latest when the next relay has started.
    await Promise.all(relays.map((relay) => relay.end("SIGKILL")));
    await start();
    expect((await readdir(dataFolder)).filter((name) => name.startsWith("postgres.draft"))).toEqual([]);
  });

  it("an interrupt at the relay's terminal does not reach the database", async () => {
    const holder = await hold({ detached: true });
    process.kill(-holder.pid, "SIGINT");
    await holder.end();
    expect(await query(holder.connection, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    await start();
  });
});
