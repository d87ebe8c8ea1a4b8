import type { GraphQLField, GraphQLSchema } from "graphql";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { opaqueReady, ready } from "../../src/crypto/index.ts";
import { ERROR_CODES, REFUSAL_CODES } from "../../src/domain/domain-error.ts";
import { encodeBase64url } from "../../src/protocol/index.ts";
import { type Cast, createCast, ROLES } from "../support/cast.ts";
import { bend, type Chance, createChance, operationOn, randomBytes, someValue } from "../support/fuzz.ts";
import { type Answer, ask, type Json } from "../support/graphql.ts";
import { type InputLeaf, inputTypeOf, leavesOf } from "../support/input-leaves.ts";
import { type KeptDatabase, openKeptDatabase } from "../support/kept-database.ts";
import { lawfulAttempts } from "../support/lawful-attempts.ts";
import { openRawSocket } from "../support/raw-socket.ts";
import { type RunningRelay, startTestRelay } from "../support/relay.ts";
import { readServedSchema } from "../support/served-schema.ts";

const SEED = 20_261_121;
const OPERATIONS = 2_000;
const BATCH = 8;
/** What an error may be called; INTERNAL is not among them. */
const codes: readonly unknown[] = [...REFUSAL_CODES, ...ERROR_CODES, "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "OPERATION_RESOLUTION_FAILURE", "BAD_REQUEST"];

let relay: RunningRelay;
let schema: GraphQLSchema;
let cast: Cast;
let database: KeptDatabase;
let lawful: { mutation: string; token: string | undefined; input: Json }[];
/** Values that mean something here: ids, names, cursors, and bytes that somebody signed. */
let known: Json[];
beforeAll(async () => {
  await Promise.all([ready(), opaqueReady()]);
  relay = await startTestRelay();
  [schema, cast] = [await readServedSchema(relay), await createCast(relay)];
  lawful = [];
  for (const { mutation, token, input } of lawfulAttempts(relay, cast)) lawful.push({ mutation, token, input: await input() });
  const leaves = lawful.flatMap(({ mutation, input }): InputLeaf[] => leavesOf(inputTypeOf(schema, mutation), input));
  const page = await ask(relay, { query: "{ users { pageInfo { endCursor } } feed { pageInfo { endCursor } } grants { pageInfo { endCursor } } viewer { requests { pageInfo { endCursor } } } }", token: cast.alice.token });
  const cursors = [page.data.users, page.data.feed, page.data.grants, page.data.viewer.requests].map(({ pageInfo }) => pageInfo.endCursor);
  known = [...leaves.map(({ value }) => value), ...cursors, cast.alice.username, encodeBase64url(cast.alice.userId), ...ROLES.map((role) => encodeBase64url(cast.friendshipOf(role)))];
  database = await openKeptDatabase(relay.database);
  await database.keep();
});
beforeEach(() => database.restore());
afterAll(async () => {
  await database.close();
  await relay.stop();
});

const fieldsOf = (root: { getFields(): Record<string, GraphQLField<unknown, unknown>> } | null | undefined): GraphQLField<unknown, unknown>[] => Object.values(root?.getFields() ?? {});

function someOperation(chance: Chance): { query: string; variables: Json; token: string | undefined } {
  const value = ({ type }: { type: Parameters<typeof someValue>[1] }): Json => someValue(chance, type, known);
  const token = cast.tokenOf(chance.pick(ROLES));
  const [kind, fields] = chance.oneIn(2) ? (["query", fieldsOf(schema.getQueryType())] as const) : (["mutation", fieldsOf(schema.getMutationType())] as const);
  const field = chance.pick(fields);
  if (kind === "query" || chance.oneIn(3)) return { ...operationOn(kind, field, value), token };
  const meant = lawful.find(({ mutation }) => mutation === field.name);
  const { query } = operationOn("mutation", field, () => null);
  return { query, variables: { input: bend(chance, inputTypeOf(schema, field.name), meant?.input, known) }, token: chance.oneIn(4) ? token : meant?.token };
}

function expectOrderly({ status, text, data, errors, codes: found }: Answer, sent: unknown): void {
  const told = `seed ${SEED}: ${JSON.stringify(sent).slice(0, 2_000)} → ${status} ${text.slice(0, 500)}`;
  expect(status, told).toBeLessThan(500);
  expect(data !== undefined || errors.length > 0, told).toBe(true);
  for (const code of found) expect(codes, told).toContain(code);
}

/** Whoever was there before is still answered, and nothing happened that the relay did not expect. */
async function expectWell(): Promise<void> {
  await database.restore();
  expect((await ask(relay, { query: "{ viewer { user { username } } }", token: cast.alice.token })).data).toEqual({ viewer: { user: { username: cast.alice.username } } });
  expect(relay.logs.filter((line) => /"level":("error"|50)/.test(line))).toEqual([]);
}

test(`${OPERATIONS} operations with variables of all kinds are answered or refused, and none is unexpected`, async () => {
  const chance = createChance(SEED);
  const met = new Set<unknown>();
  for (let count = 0; count < OPERATIONS; count += BATCH) {
    // Sessions that ended meanwhile are open again.
    if (count % 200 === 0) await database.restore();
    const operations = Array.from({ length: BATCH }, () => someOperation(chance));
    const answers = await Promise.all(operations.map((operation) => ask(relay, operation)));
    answers.forEach((answer, index) => {
      expectOrderly(answer, operations[index]);
      const results: Json[] = Object.values(answer.data ?? {});
      for (const word of [...answer.codes, ...results.flatMap((result) => (result ? [result.code ?? result.__typename] : []))]) met.add(word);
    });
  }
  // Fuzz that gets no further than the scalars would prove little.
  expect(REFUSAL_CODES.filter((code) => met.has(code)).length).toBeGreaterThan(15);
  expect([...met].filter((word) => /^[A-Z][a-z]/.test(String(word))).length).toBeGreaterThan(8);
  await expectWell();
});

test("300 bodies that are no operation are refused with 4xx, and none is unexpected", async () => {
  const chance = createChance(SEED);
  const operation = JSON.stringify({ query: "query ($id: UserId!) { user(id: $id) { id } }", variables: { id: "A".repeat(43) }, operationName: null });
  const bodies: (() => string | Uint8Array<ArrayBuffer>)[] = [
    () => new Uint8Array(randomBytes(chance, chance.below(300))),
    () => operation.slice(0, chance.below(operation.length)),
    () => `${operation}${chance.pick(["}", "]", "\0", "x", operation])}`,
    () => JSON.stringify(chance.pick([null, 7, "x", [], {}, [JSON.parse(operation)], true])),
    () => JSON.stringify({ query: chance.pick([null, 7, [], {}, "", "{", "\0", "query", "{ __typename", "subscription { thoughtCreated { id } }", "fragment A on User { id }"]), variables: {} }),
    () => JSON.stringify({ query: "{ viewer { vaultVersion }", variables: chance.pick([7, "x", [], true, null]), operationName: chance.pick([7, {}, "Other", ""]) }),
    () => JSON.stringify({ query: "query A { relay { time } } query B { relay { time } }", operationName: chance.pick([undefined, "C", "", 7]) }),
    () => `{"query":${"[".repeat(5_000)}${"]".repeat(5_000)}}`,
    () => `{"query":"${"{a".repeat(3_000)}"}`,
  ];
  for (let count = 0; count < 300; count += 1) {
    const body = chance.pick(bodies)();
    const answer = await ask(relay, { body, token: cast.alice.token });
    const told = typeof body === "string" ? body : encodeBase64url(body);
    expectOrderly(answer, told);
    expect([400, 413], told.slice(0, 200)).toContain(answer.status);
  }
  await expectWell();
});

test("on a socket, 200 subscriptions and 200 frames of all kinds end in an answer or a documented close", async () => {
  const chance = createChance(SEED);
  const subscriptions = fieldsOf(schema.getSubscriptionType());
  const documented = [1007, 1009, 4400, 4401, 4403, 4409, 4429];
  const frames: (() => unknown)[] = [
    () => randomBytes(chance, chance.below(200)).toString("latin1"),
    () => chance.pick([null, 7, "x", [], {}, { type: 7 }, { type: "ping", payload: 7 }, { type: "pong" }, { type: "start" }, { type: "next", id: "1" }]),
    () => ({ type: "subscribe", id: chance.pick(["", "1", "x".repeat(5_000), 7, null]), payload: chance.pick([null, 7, {}, { query: 7 }, { query: "{" }, { query: "{ relay { time } }", variables: 7 }]) }),
    () => ({ type: "complete", id: chance.pick(["", "1", "2", 7]) }),
    () => ({ type: "connection_init", payload: chance.pick([null, 7, { accessToken: 7 }]) }),
  ];
  for (let count = 0; count < 40; count += 1) {
    const socket = await openRawSocket(relay);
    await socket.init(cast.tokenOf(chance.pick(ROLES.filter((role) => role !== "nobody"))));
    for (let sent = 0; sent < 5; sent += 1) {
      const payload = operationOn("subscription", chance.pick(subscriptions), ({ type }) => someValue(chance, type, known));
      socket.send({ type: "subscribe", id: `subscription ${sent}`, payload });
    }
    if (chance.oneIn(2)) for (let sent = 0; sent < 10; sent += 1) socket.send(chance.pick(frames)());
    socket.send({ type: "subscribe", id: "last", payload: { query: "{ relay { time } }" } });
    let message = await socket.next();
    while (message && message["id"] !== "last") {
      const errors: Json[] = message["type"] === "error" ? message["payload"] : (message["payload"]?.errors ?? []);
      for (const { extensions } of errors) expect(codes, `seed ${SEED}: ${JSON.stringify(message)}`).toContain(extensions.code);
      message = await socket.next();
    }
    if (message) await socket.close();
    else expect(documented).toContain((await socket.closed).code);
  }
  await expectWell();
});
