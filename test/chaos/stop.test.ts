import { Agent, request } from "node:http";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { opaqueReady, ready } from "../../src/crypto/index.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../support/folders.ts";
import { ask } from "../support/graphql.ts";
import { openRawSocket } from "../support/raw-socket.ts";
import { registerPerson, type RegisteredPerson } from "../support/registered.ts";
import { type RelayProcess, startRelayProcess } from "../support/relay-process.ts";

const CLIENTS = 8;
const FEED = "{ viewer { head { seq } } feed { nodes { seq } } }";

let folder: TemporaryFolder;
let relay: RelayProcess;
let alice: RegisteredPerson;
beforeAll(async () => {
  await Promise.all([ready(), opaqueReady()]);
  folder = await createTemporaryFolder();
  relay = await start();
  alice = await registerPerson(relay);
});
afterAll(async () => {
  relay.signal("SIGTERM");
  await relay.exited;
  await folder.remove();
});

/** One request on a kept connection. `leave` is whether the relay asked its client to go elsewhere. */
function askKept(agent: Agent): Promise<{ status: number | undefined; leave: boolean }> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", authorization: `Bearer ${alice.token}` };
    const question = request(relay.url, { method: "POST", agent, headers }, (response) => {
      response.resume().once("end", () => resolve({ status: response.statusCode, leave: response.headers.connection === "close" })).once("error", reject);
    });
    question.once("error", reject).end(JSON.stringify({ query: FEED }));
  });
}

/** Asks without a pause until it is told to leave, as clients behind a balancer are. Adds what every request came to. */
async function load(outcomes: unknown[]): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (;;) {
    const outcome = await askKept(agent).catch((error: NodeJS.ErrnoException) => ({ status: error.code, leave: true }));
    outcomes.push(outcome.status);
    if (outcome.leave) return;
  }
}

/** Whoever reads a vault waits for this. */
async function lockVaults(): Promise<pg.Client> {
  const client = new pg.Client({ host: await readFile(join(folder.path, "data/postgres.socket"), "utf8"), user: "peerbrain", database: "peerbrain" });
  client.on("error", () => undefined);
  await client.connect();
  await client.query("BEGIN");
  await client.query('LOCK TABLE "VaultItem"');
  return client;
}

async function untilSomebodyWaits(client: pg.Client): Promise<void> {
  const query = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
  while ((await client.query(query)).rowCount === 0) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    // Within a transaction the first answer is kept for the next questions.
    await client.query("SELECT pg_stat_clear_snapshot()");
  }
}

/** Asks for readiness until there is nobody to ask. Returns what it was told. */
async function untilNobodyIsLetIn(): Promise<number[]> {
  const statuses: number[] = [];
  for (;;) {
    const status = await fetch(`${relay.origin}/readyz`).then((response) => response.status, () => undefined);
    if (status === undefined) return statuses;
    statuses.push(status);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const start = (variables: Record<string, string> = {}): Promise<RelayProcess> =>
  startRelayProcess(join(folder.path, "data"), { PEERBRAIN_READS_PER_MINUTE: "1000000", ...variables });

test("SIGTERM under load: not ready any more, everything under way is answered, sockets are closed with 1001, exit code 0", async () => {
  const sockets = await Promise.all([1, 2].map(() => openRawSocket(relay)));
  for (const socket of sockets) {
    await socket.init(alice.token);
    socket.send({ id: "1", type: "subscribe", payload: { query: "subscription { friendshipChanged(after: 0) { number } }" } });
  }
  const blocker = await lockVaults();
  const underWay = ask(relay, { query: "{ vault { items { item } } }", token: alice.token });
  const outcomes: unknown[] = [];
  const clients = Array.from({ length: CLIENTS }, () => load(outcomes));
  await untilSomebodyWaits(blocker);
  while (outcomes.length < CLIENTS * 5) await new Promise((resolve) => setTimeout(resolve, 10));

  relay.signal("SIGTERM");
  await Promise.all(clients);
  expect(await untilNobodyIsLetIn()).not.toContain(200);
  await blocker.query("COMMIT");
  await blocker.end();

  const answered = await underWay;
  expect([answered.status, answered.data]).toEqual([200, { vault: { items: [1, 2, 3, 4].map((item) => ({ item })) } }]);
  expect(outcomes.filter((status) => status !== 200)).toEqual([]);
  for (const socket of sockets) expect(await socket.closed).toMatchObject({ code: 1001 });
  expect(await relay.exited).toEqual({ exitCode: 0, signal: null });
  expect(relay.log).toContain('"text":"relay stopped"');
});

test("what hangs is given up in time, and the database stops with the relay", async () => {
  relay = await start({ PEERBRAIN_SHUTDOWN_SECONDS: "10" });
  const blocker = await lockVaults();
  const underWay = ask(relay, { query: "{ vault { items { item } } }", token: alice.token });
  await untilSomebodyWaits(blocker);
  relay.signal("SIGTERM");
  await expect(underWay).rejects.toThrow();
  expect(await relay.exited).toEqual({ exitCode: 0, signal: null });
  expect(relay.log).toContain('"text":"database stopped"');
  await blocker.end();
});
