import { randomBytes } from "node:crypto";
import { getIntrospectionQuery } from "graphql";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { opaqueReady, ready } from "../../src/crypto/index.ts";
import { type Answer, ask } from "../support/graphql.ts";
import { hostileOperations } from "../support/hostile-operations.ts";
import { openRawSocket, type RawSocket } from "../support/raw-socket.ts";
import { registerPerson, type RegisteredPerson } from "../support/registered.ts";
import { type RunningRelay, startTestRelay } from "../support/relay.ts";

let relay: RunningRelay;
let alice: RegisteredPerson;
let socket: RawSocket;
let operations = 0;

beforeAll(async () => {
  await Promise.all([ready(), opaqueReady()]);
  relay = await startTestRelay();
  alice = await registerPerson(relay);
  socket = await openRawSocket(relay);
  await socket.init(alice.token);
});
afterAll(async () => {
  await socket.close();
  await relay.stop();
});

type Errors = Answer["errors"];

/** The errors of one operation by HTTP and by WebSocket; either way the connection goes on. */
async function errorsOfBoth(query: string, variables?: Record<string, unknown>): Promise<{ http: Errors; webSocket: Errors; status: number }> {
  const { errors, status } = await ask(relay, { query, variables, token: alice.token });
  const id = `operation ${(operations += 1)}`;
  const message = await socket.ask(query, variables, id);
  const webSocket = message?.["type"] === "error" ? message["payload"] : (message?.["payload"].errors ?? []);
  if (message?.["type"] === "next") await socket.next();
  return { http: errors, webSocket, status };
}

describe("what asks for too much is refused alike on both transports", () => {
  test.each(Object.entries(hostileOperations))("%s", async (_, query) => {
    const { http, webSocket, status } = await errorsOfBoth(query);
    expect(http.length).toBeGreaterThan(0);
    expect(webSocket).toEqual(http);
    expect(status).toBe(400);
  });

  test("1001 tokens are not even parsed", async () => {
    const { http, status } = await errorsOfBoth(hostileOperations["1001 tokens"] ?? "");
    expect(status).toBe(400);
    expect(http[0]?.extensions["code"]).toBe("GRAPHQL_PARSE_FAILED");
  });

  test("and the connections are fit for work afterwards", async () => {
    expect(await errorsOfBoth("{ viewer { user { username } } }")).toEqual({ http: [], webSocket: [], status: 200 });
  });
});

test.each([
  ["a field", "{ relay { softwareVersio } }", undefined],
  ["an argument", '{ userByName(usernam: "a") { id } }', undefined],
  ["a type", "query ($x: Usernam) { relay { time } }", undefined],
  ["an enum value", "query ($x: ChainOrder!) { chain(author: \"x\", order: $x) { pageInfo { hasNextPage } } }", { x: "OLDEST_FIRS" }],
  ["an input field", "mutation ($input: SetEmailInput!) { setEmail(input: $input) { __typename } }", { input: { emai: "x" } }],
])("a wrong name is not answered with the right one: %s", async (_, query, variables) => {
  const { http, webSocket, status } = await errorsOfBoth(query, variables);
  expect(status).toBe(400);
  expect(http.length).toBeGreaterThan(0);
  expect(JSON.stringify([http, webSocket])).not.toMatch(/did you mean|softwareVersion|OLDEST_FIRST|\\"email/i);
});

test("a variable that does not fit is named and not repeated", async () => {
  const query = "query ($name: Username!) { userByName(username: $name) { id } }";
  const { http, webSocket, status } = await errorsOfBoth(query, { name: "NOT A NAME ".repeat(1000) });
  expect(status).toBe(400);
  expect(http).toMatchObject([{ extensions: { code: "BAD_INPUT" }, message: expect.stringMatching(/^Variable "\$name" is not valid: Expected a user name/) }]);
  expect(webSocket).toEqual(http);
  expect(JSON.stringify(http)).not.toContain("NOT A NAME");
});

describe("introspection", () => {
  test("is answered on both transports while it is on", async () => {
    expect(await errorsOfBoth(getIntrospectionQuery())).toEqual({ http: [], webSocket: [], status: 200 });
  });

  test("is refused on both when it is off", async () => {
    const closed = await startTestRelay({ config: { hasIntrospection: false, hasPlayground: false } });
    const bob = await registerPerson(closed);
    const other = await openRawSocket(closed);
    await other.init(bob.token);
    const answer = await ask(closed, { query: getIntrospectionQuery() });
    const message = await other.ask(getIntrospectionQuery());
    expect(answer.status).toBe(400);
    expect(answer.codes).toContain("GRAPHQL_VALIDATION_FAILED");
    expect(message).toMatchObject({ type: "error", payload: answer.errors });
    await other.close();
    await closed.stop();
  });
});

test("what the relay did not expect leaves as INTERNAL with an id that the log knows, and nothing else leaves", async () => {
  const canary = `canary ${randomBytes(12).toString("hex")}`;
  const database = new pg.Client(relay.database.connection);
  await database.connect();
  await database.query(`CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '${canary}'; END $$`);
  await database.query('CREATE TRIGGER fail BEFORE UPDATE ON "User" FOR EACH ROW EXECUTE FUNCTION fail()');

  const query = `mutation ($input: SetEmailInput!) { setEmail(input: $input) { __typename } }`;
  const { http, webSocket, status } = await errorsOfBoth(query, { input: { email: "A".repeat(43) } });
  expect(status).toBe(500);
  for (const errors of [http, webSocket]) {
    expect(errors).toMatchObject([{ extensions: { code: "INTERNAL", id: expect.stringMatching(/^[\w-]{12}$/) } }]);
    expect(Object.keys(errors[0]?.extensions ?? {}).sort()).toEqual(["code", "id"]);
    expect(relay.logs.filter((line) => line.includes(String(errors[0]?.extensions["id"])))).toHaveLength(1);
  }
  expect(JSON.stringify([http, webSocket]) + relay.logs.join("")).not.toContain(canary);
  expect(JSON.stringify([http, webSocket])).not.toMatch(/\bat |\.ts|prisma/i);

  await database.query("DROP FUNCTION fail() CASCADE");
  await database.end();
});

test("the log names fields and codes, and never what was sent", async () => {
  const secret = randomBytes(12).toString("hex");
  await errorsOfBoth(`query Secret${secret} ($name: Username!) { alias${secret}: userByName(username: $name) { id } }`, { name: `u${secret}` });
  await ask(relay, { query: "{ viewer { user { id } } }", token: `${secret}.${secret}.${secret}`, headers: { "x-secret": secret } });
  await fetch(`${relay.origin}/${secret}?q=${secret}`);
  const logs = relay.logs.join("");
  expect(logs).toContain('"operation":"query userByName"');
  expect(logs).toContain('"code":"UNAUTHENTICATED","status":401');
  expect(logs).not.toContain(secret);
  expect(logs).not.toContain(alice.token);
});
