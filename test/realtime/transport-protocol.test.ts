import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { opaqueReady, ready } from "../../src/crypto/index.ts";
import { encodeBase64url } from "../../src/protocol/index.ts";
import { write } from "../support/lawful-inputs.ts";
import { createMember } from "../support/member.ts";
import { begin, complete, createProtocolParty, hear, isComplete, isNext, LIVE, type ProtocolParty, seqsOf, VIEWER } from "../support/protocol-party.ts";
import type { Message, RawSocket } from "../support/raw-socket.ts";

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

describe("an operation with one answer", () => {
  test("a query is one next and one complete", async () => {
    begin(socket, "q", VIEWER);
    expect(await hear(socket, isComplete("q"))).toEqual(party.answer("q"));
    expect(await party.hearRest(socket)).toEqual([]);
  });

  test("a mutation too, and it is done once", async () => {
    const signed = party.alice.hand.thought("over the socket");
    const raw = await party.signIn(party.alice);
    const query = "mutation ($input: CreateThoughtInput!) { createThought(input: $input) { ... on ThoughtCreated { thought { seq } } } }";
    begin(raw, "m", query, { input: { entry: encodeBase64url(signed.bytes) } });
    expect(await hear(raw, isComplete("m"))).toEqual([{ id: "m", type: "next", payload: { data: { createThought: { thought: { seq: signed.seq } } } } }, { id: "m", type: "complete" }]);
    party.alice.hand.moveTo(signed);
    expect(await write(party.relay, party.alice)).toMatchObject({ seq: signed.seq + 1 });
  });

  test("an error of a field comes with the data, in a next", async () => {
    const stranger = await createMember(party.relay);
    begin(socket, "q", "query ($author: UserId!) { relay { protocolVersion } chain(author: $author) { head { seq } } }", { author: encodeBase64url(stranger.userId) });
    const [next, end] = await hear(socket, isComplete("q"));
    expect(next).toMatchObject({ id: "q", type: "next", payload: { errors: [{ message: expect.any(String), path: ["chain"], extensions: { code: "CHAIN_NOT_READABLE" } }] } });
    expect(next?.["payload"].data).toBeNull();
    expect(end).toEqual({ id: "q", type: "complete" });
  });

  test.each([
    ["that is no GraphQL", { query: "subscription {" }, "GRAPHQL_PARSE_FAILED"],
    ["with a field that does not exist", { query: "subscription { thoughtDeleted { id } }" }, "GRAPHQL_VALIDATION_FAILED"],
    ["that is not in the text", { query: `query One ${VIEWER}`, operationName: "Two" }, undefined],
    ["that is one of several and not named", { query: `query One ${VIEWER} query Two ${VIEWER}` }, undefined],
  ])("an operation %s is an error: a list, the last word on it, and its id is free", async (_, payload, code) => {
    socket.send({ id: "bad", type: "subscribe", payload });
    const error = await socket.next();
    expect(error).toEqual({ id: "bad", type: "error", payload: expect.any(Array) });
    expect(error?.["payload"].length).toBeGreaterThan(0);
    for (const { message } of error?.["payload"] ?? []) expect(message).toEqual(expect.any(String));
    if (code !== undefined) expect(error?.["payload"][0].extensions.code).toBe(code);
    expect(await party.hearRest(socket)).toEqual([]);
    begin(socket, "bad", VIEWER);
    expect(await hear(socket, isComplete("bad"))).toEqual(party.answer("bad"));
  });

  test("a subscription whose variables are wrong ends, and says why", async () => {
    begin(socket, "bad", LIVE, { after: [{ author: "nobody", seq: 0 }] });
    const heard = await hear(socket, ({ type }) => type === "error" || type === "complete");
    const errors = heard.flatMap(({ type, payload }) => (type === "error" ? payload : (payload?.errors ?? [])));
    expect(errors).toMatchObject([{ message: expect.any(String), extensions: { code: "BAD_INPUT" } }]);
    await write(party.relay, party.alice);
    expect(await party.hearRest(socket)).toEqual([]);
  });
});

describe("complete from a client", () => {
  test("ends the subscription without an answer; the others of the socket go on", async () => {
    begin(socket, "first", LIVE, party.fromHere());
    begin(socket, "second", LIVE, party.fromHere());
    const { seq } = await write(party.relay, party.alice);
    const both: Message[] = [];
    while (both.length < 2) both.push(...(await hear(socket, isNext)));
    expect([seqsOf(both, "first"), seqsOf(both, "second")]).toEqual([[seq], [seq]]);

    complete(socket, "first");
    expect(await party.hearRest(socket)).toEqual([]);
    const heard = [...(await party.writeUntilHeard(socket, "second")), ...(await party.writeUntilHeard(socket, "second")), ...(await party.hearRest(socket))];
    expect(heard.map(({ id, type }) => [id, type])).toEqual([["second", "next"], ["second", "next"]]);
  });

  test("in the middle of a replay and of what is live, lets nothing through that follows it", async () => {
    for (let round = 0; round < 20; round += 1) {
      begin(socket, "stopped", LIVE, round % 2 === 0 ? party.fromStart() : party.fromHere());
      const writing = write(party.relay, party.alice);
      if (round % 3 > 0) await hear(socket, ({ id, type }) => id === "stopped" && type === "next");
      complete(socket, "stopped");
      socket.send({ type: "ping", payload: { round } });
      // What was on its way before the relay read the complete may come; after its pong nothing may.
      await hear(socket, ({ type, payload }) => type === "pong" && payload.round === round);
      await writing;
      begin(socket, "live", LIVE, party.fromHere());
      const heard = await party.writeUntilHeard(socket, "live");
      expect(heard.filter(({ id }) => id === "stopped"), `round ${round}`).toEqual([]);
      complete(socket, "live");
      expect(await party.hearRest(socket)).toEqual([]);
    }
  });

  test("before the answer of a query: no answer", async () => {
    begin(socket, "q", VIEWER);
    complete(socket, "q");
    expect(await party.hearRest(socket)).toEqual([]);
  });

  test("of something unknown, or twice, is nothing", async () => {
    complete(socket, "never begun");
    begin(socket, "q", VIEWER);
    expect(await hear(socket, isComplete("q"))).toEqual(party.answer("q"));
    complete(socket, "q");
    complete(socket, "q");
    expect(await party.hearRest(socket)).toEqual([]);
  });

  test("frees the id at once for another operation, which is not taken for the old one", async () => {
    begin(socket, "s", LIVE, party.fromHere());
    await party.writeUntilHeard(socket, "s");
    complete(socket, "s");
    begin(socket, "s", "subscription ($after: [PositionInput!]) { thoughtCreated(after: $after) { place: seq } }", party.fromHere());
    const { seq } = await write(party.relay, party.alice);
    expect(await hear(socket, isNext)).toEqual([{ id: "s", type: "next", payload: { data: { thoughtCreated: { place: seq } } } }]);
  });
});

describe("several operations on a socket", () => {
  test("deliver side by side, each by its id and in order", async () => {
    begin(socket, "a", LIVE, party.fromHere());
    begin(socket, "b", "subscription ($after: [PositionInput!]) { thoughtCreated(after: $after) { seq author { username } } }", party.fromHere());
    begin(socket, "c", "subscription ($after: [PositionInput!]!) { entryAppended(after: $after) { ... on EntryAppended { entry { seq } } } }", party.fromHere());
    const from = party.alice.hand.head.seq + 1;
    const expected = Array.from({ length: 12 }, (_, index) => from + index);
    for (const seq of expected) {
      expect(await write(party.relay, party.alice)).toMatchObject({ seq });
      begin(socket, `question ${seq}`, VIEWER);
    }
    const heard: Message[] = [];
    const entriesOf = (): number[] => heard.flatMap(({ id, payload }) => (id === "c" ? (payload.data.entryAppended.entry?.seq ?? []) : []));
    const isAll = (): boolean => seqsOf(heard, "a").length >= 12 && seqsOf(heard, "b").length >= 12 && entriesOf().length >= 12;
    const answered = (): number => heard.filter(({ type }) => type === "complete").length;
    while (!isAll() || answered() < 12) heard.push(...(await hear(socket, () => true)));
    expect([seqsOf(heard, "a"), seqsOf(heard, "b"), entriesOf()]).toEqual([expected, expected, expected]);
    for (const { payload } of heard.filter(({ id }) => id === "b")) expect(payload.data.thoughtCreated.author).toEqual({ username: party.alice.username });
    for (const seq of expected) expect(heard.filter(({ id }) => id === `question ${seq}`)).toEqual(party.answer(`question ${seq}`));
    expect(await party.hearRest(socket)).toEqual([]);
  });

  test("of many that begin at once, none says anything after its complete", async () => {
    for (let round = 0; round < 10; round += 1) {
      const ids = Array.from({ length: 9 }, (_, index) => `${round}.${index}`);
      for (const id of ids) begin(socket, id, VIEWER);
      const heard: Message[] = [];
      while (heard.length < 2 * ids.length) heard.push(...(await hear(socket, () => true)));
      for (const id of ids) expect(heard.filter((message) => message["id"] === id)).toEqual(party.answer(id));
    }
    expect(await party.hearRest(socket)).toEqual([]);
  });

  test.each([
    ["the same subscription once more", LIVE],
    ["another one", "subscription { thoughtCreated { seq } }"],
    ["a question", VIEWER],
  ])("%s under an id in use: 4409", async (_, query) => {
    begin(socket, "same", LIVE, party.fromHere());
    await party.writeUntilHeard(socket, "same");
    begin(socket, "same", query);
    expect((await socket.closed).code).toBe(4409);
  });

  test("an id is its socket's own", async () => {
    const other = await party.signIn();
    begin(socket, "1", LIVE, party.fromHere());
    begin(other, "1", LIVE, party.fromHere());
    const { seq } = await write(party.relay, party.alice);
    for (const raw of [socket, other]) expect(seqsOf(await hear(raw, isNext), "1")).toEqual([seq]);
    complete(socket, "1");
    expect(await party.hearRest(socket)).toEqual([]);
    const next = await write(party.relay, party.alice);
    expect(seqsOf(await hear(other, isNext), "1")).toEqual([next.seq]);
    expect(await party.hearRest(socket)).toEqual([]);
  });
});
