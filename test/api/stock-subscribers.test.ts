import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { opaqueReady, ready } from "../../src/crypto/index.ts";
import { encodeBase64url } from "../../src/protocol/index.ts";
import { befriend } from "../support/friendships.ts";
import type { Json } from "../support/graphql.ts";
import { write } from "../support/lawful-inputs.ts";
import { createMember, type Member } from "../support/member.ts";
import { type RunningRelay, startTestRelay } from "../support/relay.ts";
import type { Listening } from "../support/stock-client.ts";
import { createStockSubscriber, STOCK_SUBSCRIBERS, type StockSubscriber } from "../support/stock-subscribers.ts";

const VIEWER = "{ viewer { user { username } } }";
const LIVE = "subscription Live($after: [PositionInput!]) { thoughtCreated(after: $after) { seq } }";

let relay: RunningRelay;
let alice: Member;
let bob: Member;
let carol: Member;
let friendshipOfBob: Uint8Array;
let friendshipOfCarol: Uint8Array;
const clients: StockSubscriber[] = [];
beforeAll(async () => {
  // Apollo Client looks for WebSocket.CLOSED, which Node has from version 22 on.
  vi.stubGlobal("WebSocket", WebSocket);
  await Promise.all([ready(), opaqueReady()]);
  relay = await startTestRelay();
});
beforeEach(async () => {
  [alice, bob, carol] = await Promise.all([createMember(relay), createMember(relay), createMember(relay)]);
  friendshipOfBob = await befriend(relay, bob, alice);
  friendshipOfCarol = await befriend(relay, alice, carol);
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
});
afterAll(async () => {
  await relay.stop();
  vi.unstubAllGlobals();
});

/** What holds of Alice's chain until now. */
const here = (): { after: object[] } => ({ after: [{ author: encodeBase64url(alice.userId), seq: alice.hand.head.seq }] });
/** Both clients add the names of types to what a program selects. */
const plain = (value: Json): Json => JSON.parse(JSON.stringify(value, (key, part: Json) => (key === "__typename" ? undefined : part)));
const dataOf = ({ received }: Listening): Json[] => received.map(plain);
const seqsOf = ({ received }: Listening): number[] => received.map(({ thoughtCreated }) => thoughtCreated.seq);
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe.each(Object.entries(STOCK_SUBSCRIBERS))("%s", (_, adapter) => {
  function connect(member: Member, options: { bySocket?: boolean } = {}): StockSubscriber {
    const client = createStockSubscriber(adapter, relay, member.token, options);
    clients.push(client);
    return client;
  }

  test.each([["by HTTP", false], ["by the socket", true]])("asks and mutates %s, and hears of it by the socket", async (_how, bySocket) => {
    const [writer, reader] = [connect(alice, { bySocket }), connect(bob, { bySocket })];
    expect(await reader.ask(VIEWER)).toMatchObject({ data: { viewer: { user: { username: bob.username } } }, codes: [] });
    const listening = reader.listen(LIVE, here());
    const signed = alice.hand.thought("by a stock client");
    const mutation = "mutation ($input: CreateThoughtInput!) { createThought(input: $input) { ... on ThoughtCreated { thought { seq } } } }";
    const { data } = await writer.mutate(mutation, { input: { entry: encodeBase64url(signed.bytes) } });
    expect(data).toMatchObject({ createThought: { thought: { seq: 2 } } });
    await listening.until(() => listening.received.length > 0);
    expect(dataOf(listening)).toEqual([{ thoughtCreated: { seq: 2 } }]);
    expect(writer.sockets.count > 0).toBe(bySocket);
  });

  test("gets each operation of a socket in its own shape, from the same thought", async () => {
    const client = connect(bob);
    const selections: [selection: string, expected: (thought: Json) => Json][] = [
      ["{ seq }", ({ seq }) => ({ seq })],
      ["{ kind: __typename }", () => ({ kind: "Thought" })],
      ["{ seq: epoch epoch: seq }", ({ seq }) => ({ seq: 0, epoch: seq })],
      ["{ ...Place ... on Thought { author { ...Name } } }", ({ seq }) => ({ seq, withdrawn: false, author: { username: alice.username } })],
      ["{ author { name: username id } }", () => ({ author: { name: alice.username, id: encodeBase64url(alice.userId) } })],
      ["{ sealedText entry { hash receipt { receivedAt } } }", ({ id, sealedText, receivedAt }) => ({ sealedText, entry: { hash: id, receipt: { receivedAt } } })],
      ["{ first: seq again: seq author { username friendship { peer { username } } } }", ({ seq }) => ({ first: seq, again: seq, author: { username: alice.username, friendship: { peer: { username: alice.username } } } })],
    ];
    const listenings = selections.map(([selection], index) => {
      const fragments = selection.includes("...Place") ? "fragment Place on Thought { seq withdrawn } fragment Name on User { username }" : "";
      return client.listen(`subscription Shape${index}($after: [PositionInput!]) { thoughtCreated(after: $after) ${selection} } ${fragments}`, here());
    });
    for (let count = 1; count <= 3; count += 1) {
      const thought = await write(relay, alice);
      for (const [index, listening] of listenings.entries()) {
        await listening.until(() => listening.received.length >= count);
        expect(dataOf(listening)[count - 1]).toEqual({ thoughtCreated: selections[index]?.[1](thought) });
      }
    }
    expect(client.sockets.count).toBe(1);
  });

  test("gets the entries of chains, in several shapes at once", async () => {
    await write(relay, alice);
    const client = connect(bob);
    const after = [{ author: encodeBase64url(alice.userId), seq: 0 }];
    const whole = client.listen("subscription Whole($after: [PositionInput!]!) { entryAppended(after: $after) { ... on EntryAppended { entry { seq type author } receipt { receivedAt } } ... on CaughtUp { authors } } }", { after });
    const alias = client.listen("subscription Alias($after: [PositionInput!]!) { delivery: entryAppended(after: $after) { kind: __typename ...Where } } fragment Where on EntryAppended { entry { place: seq } }", { after });
    for (const listening of [whole, alias]) await listening.until(() => listening.received.length === 3);
    await write(relay, alice);
    for (const listening of [whole, alias]) await listening.until(() => listening.received.length === 4);
    const entry = (seq: number, type: string): Json => ({ entryAppended: { entry: { seq, type, author: after[0]?.author }, receipt: { receivedAt: expect.any(Number) } } });
    expect(dataOf(whole)).toEqual([entry(1, "EPOCH"), entry(2, "THOUGHT"), { entryAppended: { authors: 1 } }, entry(3, "THOUGHT")]);
    const place = (seq: number): Json => ({ delivery: { kind: "EntryAppended", entry: { place: seq } } });
    expect(dataOf(alias)).toEqual([place(1), place(2), { delivery: { kind: "CaughtUp" } }, place(3)]);
  });

  test("gets what the variables of each operation leave in, though the text is the same", async () => {
    const query = "subscription Part($after: [PositionInput!], $wanted: Boolean!) { thoughtCreated(after: $after) { seq epoch @include(if: $wanted) author @skip(if: $wanted) { username } } }";
    const [one, other] = [connect(bob), connect(carol)];
    const listenings = [one.listen(query, { ...here(), wanted: true }), one.listen(query, { ...here(), wanted: false }), other.listen(query, { ...here(), wanted: false })];
    const { seq } = await write(relay, alice);
    for (const listening of listenings) await listening.until(() => listening.received.length > 0);
    const without = { thoughtCreated: { seq, author: { username: alice.username } } };
    expect(listenings.flatMap(dataOf)).toEqual([{ thoughtCreated: { seq, epoch: 0 } }, without, without]);
  });

  test("may begin the same operation twice, and end one of the two", async () => {
    const client = connect(bob);
    const variables = here();
    const [first, second] = [client.listen(LIVE, variables), client.listen(LIVE, variables)];
    await write(relay, alice);
    for (const listening of [first, second]) await listening.until(() => listening.received.length > 0);
    first.stop();
    await write(relay, alice);
    await second.until(() => second.received.length > 1);
    expect([seqsOf(first), seqsOf(second), client.sockets.count]).toEqual([[2], [2, 3], 1]);
  });

  test("gets what depends on the viewer for its own viewer, each time", async () => {
    const query = "subscription Ours($after: [PositionInput!]) { thoughtCreated(after: $after) { seq author { username friendship { id state requester { username } } } } }";
    const [toBob, toCarol] = [connect(bob).listen(query, here()), connect(carol).listen(query, here())];
    for (const { seq } of [await write(relay, alice), await write(relay, alice)]) {
      for (const listening of [toBob, toCarol]) await listening.until(() => seqsOf(listening).includes(seq));
    }
    const friendship = (id: Uint8Array, { username }: Member): Json => ({ id: encodeBase64url(id), state: "CONFIRMED", requester: { username } });
    const thought = (seq: number, ours: Json): Json => ({ thoughtCreated: { seq, author: { username: alice.username, friendship: ours } } });
    expect(dataOf(toBob)).toEqual([2, 3].map((seq) => thought(seq, friendship(friendshipOfBob, bob))));
    expect(dataOf(toCarol)).toEqual([2, 3].map((seq) => thought(seq, friendship(friendshipOfCarol, alice))));
  });

  test("ends an operation at the relay when a program unsubscribes", async () => {
    const client = connect(bob);
    const staying = client.listen(LIVE, here());
    // Ten at once are allowed, so what is not ended soon stands in the way.
    for (let round = 0; round < 30; round += 1) {
      const { seq } = await write(relay, alice);
      const passing = client.listen(`subscription Passing($after: [PositionInput!]) { thoughtCreated(after: $after) { seq round${round}: seq } }`, { after: [{ author: encodeBase64url(alice.userId), seq: seq - 1 }] });
      await passing.until(() => passing.received.length > 0);
      passing.stop();
      expect(seqsOf(passing)).toEqual([seq]);
    }
    await staying.until(() => staying.received.length === 30);
    expect([seqsOf(staying), client.sockets.count]).toEqual([range(2, 31), 1]);
  });

  test("is told what is wrong with an operation; the others go on", async () => {
    const client = connect(bob);
    const staying = client.listen(LIVE, here());
    for (const [text, variables, code] of [
      ["subscription { thoughtDeleted { id } }", {}, "GRAPHQL_VALIDATION_FAILED"],
      ["subscription { thoughtCreated { seq nothing } }", {}, "GRAPHQL_VALIDATION_FAILED"],
      [LIVE, { after: [{ author: "nobody", seq: 0 }] }, "BAD_INPUT"],
    ] as const) {
      const refused = client.listen(text, variables);
      await refused.until(() => refused.received.length > 0);
      expect(refused.received, text).toMatchObject([{ errors: [{ code }] }]);
    }
    const chain = await client.ask("query ($author: UserId!) { chain(author: $author) { head { seq } } }", { author: encodeBase64url((await createMember(relay)).userId) });
    expect(chain.codes).toEqual(["CHAIN_NOT_READABLE"]);
    await write(relay, alice);
    await staying.until(() => staying.received.length === 1);
    expect([seqsOf(staying), client.sockets.count]).toEqual([[2], 1]);
  });

  test("connects again by itself when its socket is cut, and gets what came meanwhile", async () => {
    const client = connect(bob);
    const [resuming, live] = [client.listen(LIVE, here()), client.listen("subscription { thoughtCreated { seq } }")];
    const heard = (): Set<number> => new Set(seqsOf(resuming));
    let sockets = 0;
    for (let count = 1; count <= 5; count += 1) {
      const { seq } = await write(relay, alice);
      await resuming.until(() => heard().has(seq));
      expect(client.sockets.cut()).toBe(1);
      sockets += 1;
      await write(relay, alice);
      // It says again what it held at first, so each connection begins there: known thoughts come again, in order, and none is left out.
      await resuming.until(() => heard().has(seq + 1));
    }
    const runs: number[][] = [];
    for (const seq of seqsOf(resuming)) {
      if (seq === 2) runs.push([]);
      runs.at(-1)?.push(seq);
    }
    expect(runs).toHaveLength(sockets + 1);
    for (const run of runs) expect(run).toEqual(range(2, run.length + 1));
    expect(runs.at(-1)).toEqual(range(2, 11));
    const { length } = live.received;
    while (live.received.length === length) await write(relay, alice);
    expect(client.sockets.count).toBe(sockets + 1);
  });
});
