import { afterAll, beforeAll, expect, test } from "vitest";
import pg from "pg";
import { opaqueReady, ready } from "../../src/crypto/index.ts";
import { createDatabaseProxy, type DatabaseProxy } from "../support/database-proxy.ts";
import { ask } from "../support/graphql.ts";
import { openRawSocket } from "../support/raw-socket.ts";
import { registerPerson, type RegisteredPerson } from "../support/registered.ts";
import { type RunningRelay, startTestRelay } from "../support/relay.ts";

const VIEWER = "{ viewer { user { username } } }";
const CONNECTIONS = 4;

let relay: RunningRelay;
let proxy: DatabaseProxy;
let alice: RegisteredPerson;
/** Has not asked for anything yet: the relay has not seen this session open. */
let bob: RegisteredPerson;
beforeAll(async () => {
  await Promise.all([ready(), opaqueReady()]);
  relay = await startTestRelay({
    limits: { maxDatabaseConnections: CONNECTIONS },
    connectThrough: async (database) => (proxy = await createDatabaseProxy(database)).connection,
  });
  alice = await registerPerson(relay);
  bob = await registerPerson(relay);
});
afterAll(async () => {
  await proxy.close();
  await relay.stop();
});

const readiness = async (): Promise<unknown> => {
  const response = await fetch(`${relay.origin}/readyz`);
  return [response.status, await response.json()];
};
const isLive = async (): Promise<boolean> => (await fetch(`${relay.origin}/healthz`)).ok;

async function untilReady(): Promise<void> {
  while (!(await fetch(`${relay.origin}/readyz`)).ok) await new Promise((resolve) => setTimeout(resolve, 50));
}

test("while the database is away, requests are told so, and the relay goes on by itself when it is back", async () => {
  const socket = await openRawSocket(relay);
  await socket.init(alice.token);
  await proxy.cut();

  const recovery = `mutation { startRecovery(input: { username: "somebody", recoveryProof: "${"A".repeat(43)}", deviceName: "x" }) { __typename } }`;
  for (const question of [{ query: VIEWER, token: alice.token }, { query: recovery }]) {
    expect(await ask(relay, question)).toMatchObject({ status: 503, codes: ["UNAVAILABLE"] });
  }
  expect(await socket.ask(VIEWER)).toMatchObject({ payload: { errors: [{ extensions: { code: "UNAVAILABLE" } }] } });
  await socket.next();
  const late = await openRawSocket(relay);
  await late.init(bob.token);
  expect((await late.closed).code).toBe(1013);
  expect(await readiness()).toEqual([503, { ready: false, database: false }]);
  expect(await isLive()).toBe(true);

  await proxy.restore();
  await untilReady();
  expect((await ask(relay, { query: VIEWER, token: alice.token })).data).toEqual({ viewer: { user: { username: alice.username } } });
  expect(await socket.ask(VIEWER, {}, "2")).toMatchObject({ payload: { data: { viewer: {} } } });
  await socket.close();
});

test("when no connection is left, requests are told so in time, health answers, and nothing stays behind", async () => {
  const blocker = new pg.Client(relay.database.connection);
  await blocker.connect();
  await blocker.query("BEGIN");
  await blocker.query('LOCK TABLE "User"');

  const answers = Array.from({ length: 300 }, () => ask(relay, { query: VIEWER, token: alice.token }));
  const refused: number[] = [];
  const settled = answers.map((answer) => answer.then(({ status, codes }) => (status === 503 && codes[0] === "UNAVAILABLE" ? void refused.push(status) : undefined)));
  while (refused.length < answers.length - CONNECTIONS) {
    expect(await isLive()).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }

  await blocker.query("COMMIT");
  await blocker.end();
  await Promise.all(settled);
  expect(refused.length).toBe(answers.length - CONNECTIONS);
  const after = await Promise.all(Array.from({ length: 50 }, () => ask(relay, { query: VIEWER, token: alice.token })));
  expect(after.map(({ status }) => status)).toEqual(after.map(() => 200));
});
