import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { opaqueReady, ready } from "../../src/crypto/index.ts";
import { ask } from "../support/graphql.ts";
import { write } from "../support/lawful-inputs.ts";
import { createMember } from "../support/member.ts";
import { begin, complete, createProtocolParty, hear, isComplete, LIVE, type ProtocolParty, seqsOf, VIEWER } from "../support/protocol-party.ts";
import { openRawSocket, type RawSocket } from "../support/raw-socket.ts";
import { startTestRelay } from "../support/relay.ts";

// graphql-transport-ws: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md

let party: ProtocolParty;
let socket: RawSocket;
beforeAll(async () => {
  await Promise.all([ready(), opaqueReady()]);
  party = await createProtocolParty();
});
beforeEach(async () => {
  socket = await party.signIn();
});
afterEach(() => party.closeSockets());
afterAll(() => party.relay.stop());

describe("connection_init", () => {
  test("is waited for and no longer: who came in time stays", async () => {
    const strict = await startTestRelay({ limits: { connectionInitMs: 500 } });
    const member = await createMember(strict);
    const [early, silent] = [await openRawSocket(strict), await openRawSocket(strict)];
    expect(await early.init(member.token)).toEqual({ type: "connection_ack" });
    expect((await silent.closed).code).toBe(4408);
    expect(await early.ask(VIEWER)).toMatchObject({ type: "next" });
    await early.close();
    await strict.stop();
  });

  test("comes once, also after it was acknowledged: 4429", async () => {
    socket.send({ type: "connection_init", payload: { accessToken: party.bob.token } });
    expect((await socket.closed).code).toBe(4429);
  });

  test("is acknowledged before the first operation: 4401", async () => {
    const raw = await party.connect();
    raw.send({ type: "connection_init", payload: { accessToken: party.bob.token } });
    begin(raw, "1", VIEWER);
    expect((await raw.closed).code).toBe(4401);
    expect(raw.messages.filter(({ type }) => type === "next")).toEqual([]);
  });

  test("may be preceded by pings", async () => {
    const raw = await party.connect();
    raw.send({ type: "ping" });
    expect(await raw.next()).toEqual({ type: "pong" });
    expect(await raw.init(party.bob.token)).toEqual({ type: "connection_ack" });
  });
});

describe("ping and pong", () => {
  test.each([
    ["no payload", {}, {}],
    ["null", { payload: null }, {}],
    ["an empty payload", { payload: {} }, { payload: {} }],
    ["any payload", { payload: { a: [1, null, { "ü\"\\": "\u2028\ud83d\ude80" }], __proto: true } }, { payload: { a: [1, null, { "ü\"\\": "\u2028\ud83d\ude80" }], __proto: true } }],
  ])("a ping with %s is answered in kind", async (_, sent, expected) => {
    socket.send({ type: "ping", ...sent });
    expect(await socket.next()).toEqual({ type: "pong", ...expected });
  });

  test("pings are answered in order, and while a subscription delivers", async () => {
    begin(socket, "live", LIVE, party.fromStart());
    for (let n = 0; n < 20; n += 1) socket.send({ type: "ping", payload: { n } });
    await write(party.relay, party.alice);
    const heard = await party.writeUntilHeard(socket, "live");
    const rest = await party.hearRest(socket);
    const pongs = [...heard, ...rest].filter(({ type }) => type === "pong");
    expect(pongs.map(({ payload }) => payload.n)).toEqual(Array.from({ length: 20 }, (_, n) => n));
  });

  test("a pong that nobody asked for is taken without an answer", async () => {
    socket.send({ type: "pong" });
    socket.send({ type: "pong", payload: { a: 1 } });
    expect(await party.hearRest(socket)).toEqual([]);
  });
});

describe("an id is any text", () => {
  const ids = {
    "a number in quotes": "0",
    "a space": " ",
    "quotes and backslashes": `"id":"\\","type":"complete"}\\`,
    "control characters": "\u0000\u0007\b\t\n\r\u001f\u007f",
    "line separators": "\u2028\u2029",
    "letters beyond ASCII": "Zoë 思い 🚀 e\u0301",
    "half a letter": "\ud800",
    "a name that objects have": "__proto__",
    "another name that objects have": "constructor",
    "100 000 characters": "x".repeat(100_000),
    "markup": "</script><!--&amp;%s%n",
  };
  test.each(Object.entries(ids))("%s", async (_, id) => {
    begin(socket, id, VIEWER);
    expect(await hear(socket, isComplete(id))).toEqual(party.answer(id));
    begin(socket, id, "{ nothing }");
    expect(await hear(socket, ({ type }) => type === "error")).toMatchObject([{ id, type: "error" }]);
    begin(socket, id, LIVE, party.fromHere());
    begin(socket, `${id}2`, LIVE, party.fromHere());
    const { seq } = await write(party.relay, party.alice);
    const heard = [...(await hear(socket, () => true)), ...(await hear(socket, () => true))];
    expect([seqsOf(heard, id), seqsOf(heard, `${id}2`)]).toEqual([[seq], [seq]]);
    complete(socket, id);
    expect((await party.writeUntilHeard(socket, `${id}2`)).map((message) => message["id"])).toEqual([`${id}2`]);
  });
});

describe("what is no message: 4400", () => {
  const query = VIEWER;
  test.each([
    ["nothing", ""],
    ["null", "null"],
    ["a list", "[]"],
    ["a number", "1"],
    ["text in quotes", '"ping"'],
    ["half of it", '{"type":"ping"'],
    ["no type", { id: "1" }],
    ["a type that is no text", { type: 1 }],
    ["another case", { type: "Ping" }],
    ["a payload of a ping that is no object", { type: "ping", payload: "secret" }],
    ["a list as the payload of a pong", { type: "pong", payload: [] }],
    ["no id", { type: "subscribe", payload: { query } }],
    ["an empty id", { type: "subscribe", id: "", payload: { query } }],
    ["an id that is no text", { type: "subscribe", id: 1, payload: { query } }],
    ["no payload", { type: "subscribe", id: "1" }],
    ["a text that is none", { type: "subscribe", id: "1", payload: { query: 1 } }],
    ["variables that are text", { type: "subscribe", id: "1", payload: { query, variables: "{}" } }],
    ["variables that are a list", { type: "subscribe", id: "1", payload: { query, variables: [] } }],
    ["an operation name that is no text", { type: "subscribe", id: "1", payload: { query, operationName: 1 } }],
    ["extensions that are text", { type: "subscribe", id: "1", payload: { query, extensions: "secret" } }],
    ["a complete without an id", { type: "complete" }],
    ["a complete with an empty id", { type: "complete", id: "" }],
    ["a complete with an id that is no text", { type: "complete", id: 1 }],
    ["what only a relay says", { type: "next", id: "1", payload: { data: {} } }],
    ["an error from a client", { type: "error", id: "1", payload: [{ message: "secret" }] }],
  ])("%s", async (_, message) => {
    socket.send(message);
    const { code, reason } = await socket.closed;
    expect(code).toBe(4400);
    expect(reason).not.toContain("secret");
    expect(party.relay.logs.join("")).not.toContain("secret");
    expect(socket.messages).toEqual([]);
  });

  test("null, where a part may be left out, is no fault", async () => {
    socket.send({ type: "subscribe", id: "1", payload: { query, variables: null, operationName: null, extensions: null } });
    expect(await hear(socket, isComplete("1"))).toEqual(party.answer("1"));
  });

  test("other sockets of the same user are not in the way of it", async () => {
    const other = await party.signIn();
    socket.send("{");
    await socket.closed;
    begin(other, "1", VIEWER);
    expect(await hear(other, isComplete("1"))).toEqual(party.answer("1"));
    expect((await ask(party.relay, { query, token: party.bob.token })).status).toBe(200);
  });
});
