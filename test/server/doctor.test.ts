import { chmod, copyFile, cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { composeRelay, type Relay } from "../../src/server/compose.ts";
import type { Config } from "../../src/server/config/config.ts";
import { defaultLimits } from "../../src/server/config/limits.ts";
import { Secret } from "../../src/server/config/secrets.ts";
import { examine } from "../../src/server/doctor/examine.ts";
import type { Examination } from "../../src/server/doctor/examination.ts";
import type { Finding } from "../../src/server/doctor/finding.ts";
import { openDatabase, type RelayDatabase } from "../../src/storage/open-database.ts";
import { applyMigrations } from "../../src/storage/migrator.ts";
import { readPostmaster } from "../../src/storage/embedded-postgres/postmaster.ts";
import { createCertificate } from "../support/certificate.ts";
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from "../support/database.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../support/folders.ts";
import { spawnProcess } from "../support/process.ts";
import { silentLog, systemClock } from "../support/quiet.ts";

const checkoutFolder = join(import.meta.dirname, "../..");
const migrationsFolder = join(checkoutFolder, "prisma/migrations");
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let folder: TemporaryFolder;
let config: Config;
let database: RelayDatabase;
let relay: Relay;
const closing: (() => unknown)[] = [];

const open = (dataFolder: string) => openDatabase({ databaseUrl: undefined, dataFolder, migrationsFolder, log: silentLog, clock: systemClock });

beforeAll(async () => {
  folder = await createTemporaryFolder();
  config = {
    dataFolder: join(folder.path, "data"), host: "127.0.0.1", port: 0, publicUrl: undefined, origins: [], trustedProxyHops: 0, hasIntrospection: true,
    hasPlayground: false, logLevel: "silent", workers: 1, bus: "process", limits: defaultLimits,
  };
  database = await open(config.dataFolder);
  relay = await composeRelay({ config, database, isRestored: false, checkoutFolder, log: silentLog });
  config = { ...config, port: relay.port };
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
afterAll(async () => {
  await relay.stop();
  await folder.remove();
});

/** Looks at the running relay, but for what is said otherwise. */
function look(changes: Partial<Config> = {}, rest: Partial<Examination> = {}): Promise<Finding[]> {
  const examination = { config: { ...config, ...changes }, secrets: { databaseUrl: undefined, natsUrl: undefined }, checkoutFolder, clock: systemClock, clockUrls: [], minFreeBytes: 1, log: silentLog };
  return examine({ ...examination, ...rest });
}

/** Everything that is wrong, by its code. */
async function faults(findings: Promise<Finding[]>): Promise<Record<string, string>> {
  return Object.fromEntries((await findings).flatMap((finding) => (finding.outcome === "ok" ? [] : [[finding.code, `${finding.outcome} ${finding.check}: ${finding.found}`]])));
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as AddressInfo).port;
}

/** A data folder of its own with a database that was used and is at rest. */
async function createData(): Promise<string> {
  const own = await createTemporaryFolder();
  closing.push(own.remove);
  const dataFolder = join(own.path, "data");
  const started = await open(dataFolder);
  await (await composeRelay({ config: { ...config, dataFolder, port: 0 }, database: started, isRestored: false, checkoutFolder, log: silentLog })).stop();
  return dataFolder;
}

async function useDatabase(created: TestDatabase): Promise<{ url: Secret; client: pg.Client }> {
  const client = new pg.Client(created.connection);
  await client.connect();
  closing.push(created.drop, () => client.end());
  const { host, port, user, database: name } = created.connection;
  return { url: new Secret(`postgresql://${user}@/${name}?host=${encodeURIComponent(host)}&port=${port}`), client };
}

/** What a proxy in front of the relay does. */
function passOn(request: Parameters<Parameters<typeof createServer>[1] & object>[0], response: Parameters<Parameters<typeof createServer>[1] & object>[1]): void {
  void (async () => {
    const body = request.method === "POST" ? Buffer.concat((await request.toArray()) as Buffer[]) : undefined;
    const answer = await fetch(`http://127.0.0.1:${relay.port}${request.url}`, { method: request.method ?? "GET", headers: { "content-type": "application/json" }, ...(body && { body }) });
    response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer()));
  })();
}

describe("a relay in order", () => {
  it("has nothing to complain of while it runs", async () => {
    const findings = await look();
    expect(findings.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
    expect(findings.map(({ check }) => check)).toEqual(["disk", "relay.keys", "database", "schema", "lock", "port", "public address", "certificate", "clock"]);
  });

  it("has nothing to complain of while it rests, and its database rests afterwards", async () => {
    const dataFolder = await createData();
    expect(await faults(look({ dataFolder, port: 0 }))).toEqual({});
    expect(await readPostmaster(join(dataFolder, "postgres"))).toBeUndefined();
  });

  it("is left as it is before its first start: nothing is created", async () => {
    const dataFolder = join(folder.path, "not", "yet");
    expect(await faults(look({ dataFolder, port: 0 }))).toEqual({});
    await expect(readdir(join(folder.path, "not"))).rejects.toThrow("ENOENT");
  });
});

describe("the doctor names", () => {
  it("a port in use, by a stranger or by another relay", async () => {
    const port = await listen(createServer((_request, response) => response.end("hello")));
    expect((await faults(look({ port })))["PORT_IN_USE"]).toMatch(/^fail port: .*no relay/);
    const other = await createData();
    expect((await faults(look({ dataFolder: other })))["PORT_IN_USE"]).toMatch(/^fail port: .*another relay/);
  });

  it("a database that is away", async () => {
    const databaseUrl = new Secret("postgresql://ada:hunter2@127.0.0.1:1/relay");
    const findings = await look({ port: 0 }, { secrets: { databaseUrl, natsUrl: undefined } });
    expect(await faults(Promise.resolve(findings))).toMatchObject({ DATABASE_UNREACHABLE: expect.stringMatching(/^fail database: .*nothing listens there/) });
    expect(JSON.stringify(findings)).not.toContain("hunter2");
  });

  it.each([HOUR_MS, -HOUR_MS])("a clock that is %i ms off, by that of a web server", async (offMs) => {
    const port = await listen(createServer((_request, response) => response.writeHead(200, { date: new Date(Date.now() + offMs).toUTCString() }).end()));
    expect(await faults(look({}, { clockUrls: [`http://127.0.0.1:${port}`] }))).toEqual({
      CLOCK_OFF: expect.stringMatching(new RegExp(`^fail clock: this clock is 3(599|600|601) s ${offMs > 0 ? "behind" : "ahead of"} that of http`)),
    });
  });

  it("a clock that is off by that of the database, and one that was set back", async () => {
    const back = { nowMs: () => Date.now() - HOUR_MS };
    expect((await faults(look({}, { clock: back })))["CLOCK_OFF"]).toMatch(/^fail clock: this clock is 3600 s behind that of the database/);
    const { url, client } = await useDatabase(await createTestDatabase());
    await client.query(`INSERT INTO "Chain" (author, seq, "headHash", "headReceivedAtMs", epoch, "epochCommitment", "thoughtCommitment", "signerCardHash")
      VALUES ('\\x01', 1, '\\x01', $1, 0, '\\x01', '\\x01', '\\x01')`, [Date.now() + HOUR_MS]);
    expect((await faults(look({}, { secrets: { databaseUrl: url, natsUrl: undefined } })))["CLOCK_OFF"]).toMatch(/the newest entry came 3600 s in the future/);
  });

  it("a disk with too little space", async () => {
    expect(await faults(look({}, { minFreeBytes: 2 ** 60 }))).toEqual({ DISK_FULL: expect.stringMatching(/^fail disk: \d+ MiB are free .*less than 1099511627776 MiB/) });
  });

  it("relay.keys that others can read", async () => {
    const path = join(config.dataFolder, "relay.keys");
    await chmod(path, 0o640);
    closing.push(() => chmod(path, 0o600));
    expect((await faults(look()))["KEYS_UNREADABLE"]).toMatch(/^fail relay\.keys: .*can be read by other users\. Run `chmod 600`/);
  });

  it("relay.keys that are missing, damaged, or of another relay", async () => {
    const dataFolder = await createData();
    const path = join(dataFolder, "relay.keys");
    const whole = await readFile(path, "utf8");
    await rm(path);
    expect(await faults(look({ dataFolder, port: 0 }))).toEqual({ KEYS_LOST: expect.stringMatching(/^fail relay\.keys/) });
    await writeFile(path, whole.slice(0, 100), { mode: 0o600 });
    expect(await faults(look({ dataFolder, port: 0 }))).toEqual({ KEYS_UNREADABLE: expect.stringContaining("damaged") });
    await copyFile(join(config.dataFolder, "relay.keys"), path);
    expect(await faults(look({ dataFolder, port: 0 }))).toEqual({ KEYS_MISMATCH: expect.stringMatching(/^fail relay\.keys/) });
  });

  it("relay.keys that were made without randomness", async () => {
    const dataFolder = await createData();
    const path = join(dataFolder, "relay.keys");
    const keys = JSON.parse(await readFile(path, "utf8"));
    const zeros = Buffer.alloc(32).toString("base64url");
    for (const weak of [{ ...keys, hashSecret: zeros }, { ...keys, tokenKeys: [{ kid: "k", seed: zeros }] }, { ...keys, refreshSecret: keys.hashSecret }]) {
      await writeFile(path, JSON.stringify(weak));
      expect(await faults(look({ dataFolder, port: 0 }))).toEqual({ KEYS_WEAK: expect.stringMatching(/^fail relay\.keys: the keys are not random/) });
    }
  });

  it("keys whose database is gone", async () => {
    const dataFolder = await createData();
    await rm(join(dataFolder, "postgres"), { recursive: true });
    expect(await faults(look({ dataFolder, port: 0 }))).toEqual({ DATABASE_EMPTY: expect.stringMatching(/^warn relay\.keys/) });
  });

  it("locks that a killed relay and a killed database left behind", async () => {
    const dataFolder = await createData();
    const postgresFolder = join(dataFolder, "postgres");
    const killed = spawnProcess("test/storage/hold-database.process.ts", [dataFolder]);
    await killed.nextLine();
    await killed.end("SIGKILL");
    const running = await readPostmaster(postgresFolder);
    expect((await faults(look({ dataFolder, port: 0 })))["STALE_LOCK"]).toBe(`warn lock: the database runs (process ${running?.pid}) without a relay: one was killed`);

    process.kill(running?.pid ?? 0, "SIGKILL");
    while ((await readPostmaster(postgresFolder))?.isRunning === true) await new Promise((resolve) => setTimeout(resolve, 10));
    expect((await faults(look({ dataFolder, port: 0 })))["STALE_LOCK"]).toContain(`postmaster.pid names process ${running?.pid}`);
  });

  it("a relay that has the data folder and does not answer where it should", async () => {
    const port = await listen(createServer());
    expect(Object.keys(await faults(look({ port }))).sort()).toEqual(["PORT_IN_USE", "RELAY_SILENT"]);
  });

  it("tables that are older or newer than this version", async () => {
    const older = await createTemporaryFolder();
    closing.push(older.remove);
    const [first = "", ...rest] = (await readdir(migrationsFolder)).filter((name) => /^\d/.test(name)).sort();
    await mkdir(join(older.path, first));
    await cp(join(migrationsFolder, first), join(older.path, first), { recursive: true });
    const { url, client } = await useDatabase(await createEmptyDatabase());
    await applyMigrations(client, older.path, silentLog);
    const secrets = { databaseUrl: url, natsUrl: undefined };
    expect((await faults(look({}, { secrets })))["SCHEMA_OLD"]).toBe(`fail schema: the database lacks ${rest.join(", ")}`);
    await applyMigrations(client, migrationsFolder, silentLog);
    await client.query(`INSERT INTO "_prisma_migrations" (id, checksum, migration_name, finished_at) VALUES ('1', 'x', '29990101000000_later', now())`);
    expect((await faults(look({}, { secrets })))["DATABASE_NEWER"]).toContain("29990101000000_later");
  });

  it("a public address where nobody answers, and one where another does", async () => {
    const free = await listen(createServer());
    await closing.pop()?.();
    expect((await faults(look({ publicUrl: `http://127.0.0.1:${free}` })))["PUBLIC_URL_UNREACHABLE"]).toMatch(/^fail public address: nobody answers .*ECONNREFUSED/);
    const stranger = await listen(createServer((_request, response) => response.end("{}")));
    expect((await faults(look({ publicUrl: `http://127.0.0.1:${stranger}` })))["PUBLIC_URL_UNREACHABLE"]).toContain("is no relay");
    const proxy = await listen(createServer(passOn));
    expect(await faults(look({ publicUrl: `http://127.0.0.1:${proxy}` }))).toEqual({});
    const other = await createData();
    expect((await faults(look({ dataFolder: other, port: 0, publicUrl: `http://127.0.0.1:${proxy}` })))["PUBLIC_URL_FOREIGN"]).toBeDefined();
  });

  it.each([
    ["TLS_EXPIRED", -1 * DAY_MS, /^fail certificate: the certificate was valid until 20/],
    ["TLS_INVALID", 90 * DAY_MS, /^fail certificate: clients refuse the certificate/],
  ])("a certificate with the fault %s", async (code, leftMs, text) => {
    const now = Date.now();
    const server = createSecureServer(createCertificate("127.0.0.1", { fromMs: now - 100 * DAY_MS, untilMs: now + leftMs }), passOn);
    const port = await listen(server);
    expect(await faults(look({ publicUrl: `https://127.0.0.1:${port}`, trustedProxyHops: 1 }))).toEqual({ [code]: expect.stringMatching(text) });
  });
});
