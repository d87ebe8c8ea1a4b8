import type { Client } from "graphql-ws";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { opaqueReady, ready } from "../../src/crypto/index.ts";
import { befriend } from "../support/friendships.ts";
import { ask, type Json } from "../support/graphql.ts";
import { write } from "../support/lawful-inputs.ts";
import { createMember, type Member, succeed } from "../support/member.ts";
import { type RunningRelay, startTestRelay } from "../support/relay.ts";
import { createStockClient, listen, type Listening } from "../support/stock-client.ts";

// What reads here is fetch and the client of graphql-ws, and no code of this project: it may decode base64url, and that is all.
const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");
const LIVE = "subscription { thoughtCreated { seq author { username } } }";
const RESUMED = "subscription ($after: [PositionInput!]) { thoughtCreated(after: $after) { seq author { username } } }";

let relay: RunningRelay;
let alice: Member;
let bob: Member;
let eve: Member;
/** A friend of Eve's, so that there is something Eve hears. */
let dora: Member;
const clients: Client[] = [];
beforeAll(async () => {
  await Promise.all([ready(), opaqueReady()]);
  relay = await startTestRelay();
});
beforeEach(async () => {
  [alice, bob, eve, dora] = await Promise.all([createMember(relay), createMember(relay), createMember(relay), createMember(relay)]);
  await befriend(relay, bob, alice);
  await befriend(relay, eve, dora);
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.dispose();
});
afterAll(() => relay.stop());

function connect(member: Member, onConnected = (): void => undefined): Client {
  const client = createStockClient(relay, member.token, { on: { connected: onConnected } });
  clients.push(client);
  return client;
}

const at = (member: Member, seq = member.hand.head.seq): { author: string; seq: number } => ({ author: base64url(member.userId), seq });
const seqsOf = ({ received }: Listening): number[] => received.map(({ thoughtCreated }) => thoughtCreated.seq);
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe("who is entitled", () => {
  test("receives a thought the moment it is written, with the sealed bytes that the author sent", async () => {
    const query = "subscription ($after: [PositionInput!]) { thoughtCreated(after: $after) { sealedText entry { bytes } author { id } } }";
    const listening = listen(connect(bob), { query, variables: { after: [at(alice)] } });
    const signed = alice.hand.thought("for Bob alone");
    await succeed(relay, "createThought", { entry: signed.bytes }, alice.token);
    await listening.until(() => listening.received.length > 0);
    const [{ thoughtCreated }] = listening.received as [Json];
    expect(thoughtCreated).toEqual({ sealedText: base64url(signed.bytes.subarray(234)), entry: { bytes: base64url(signed.bytes) }, author: { id: base64url(alice.userId) } });
    expect(Buffer.from(thoughtCreated.sealedText, "base64url").toString("latin1")).not.toContain("for Bob alone");
  });

  test("reads over HTTP what was written before, page by page", async () => {
    for (let written = 0; written < 5; written += 1) await write(relay, alice);
    const query = "query ($after: Cursor) { feed(first: 2, after: $after) { nodes { seq } pageInfo { hasNextPage endCursor } } }";
    const seqs: number[] = [];
    for (let after: string | null = null, hasNextPage = true; hasNextPage; ) {
      const { feed }: Json = (await ask(relay, { query, variables: { after }, token: bob.token })).data;
      seqs.push(...feed.nodes.map(({ seq }: { seq: number }) => seq));
      ({ endCursor: after, hasNextPage } = feed.pageInfo);
    }
    expect(seqs).toEqual(range(2, 6).reverse());
  });

  const selections: Record<string, [text: string, expected: (thought: Json) => Json]> = {
    "one field": ["{ seq }", ({ seq }) => ({ seq })],
    "the name of its type alone": ["{ __typename }", () => ({ __typename: "Thought" })],
    "names of its own": ["{ place: seq writer: author { name: username } }", ({ seq }) => ({ place: seq, writer: { name: alice.username } })],
    "a fragment": ["{ ...Place }", ({ seq }) => ({ seq, epoch: 0 })],
    "parts that a variable leaves out": ["{ seq epoch @include(if: $isWanted) withdrawn @skip(if: $isWanted) }", ({ seq }) => ({ seq, withdrawn: false })],
    "what depends on who asks": ["{ author { friendship { state peer { username } } } }", () => ({ author: { friendship: { state: "CONFIRMED", peer: { username: alice.username } } } })],
    "what lies deep": ["{ author { thoughts(first: 1) { nodes { entry { seq receipt { receivedAt } } } } } }", ({ seq, receivedAt }) => ({ author: { thoughts: { nodes: [{ entry: { seq, receipt: { receivedAt } } }] } } })],
  };
  test.each(Object.entries(selections))("may select %s", async (_, [selection, expected]) => {
    const fragment = selection.includes("...Place") ? "fragment Place on Thought { seq epoch }" : "";
    const condition = selection.includes("$isWanted") ? ", $isWanted: Boolean!" : "";
    const query = `query Other { relay { time } } subscription Mine($after: [PositionInput!]${condition}) { thoughtCreated(after: $after) ${selection} } ${fragment}`;
    const variables = { after: [at(alice)], ...(condition && { isWanted: false }) };
    const listening = listen(connect(bob), { operationName: "Mine", query, variables });
    const thought = await write(relay, alice);
    await listening.until(() => listening.received.length > 0);
    expect(listening.received).toEqual([{ thoughtCreated: expected(thought) }]);
  });

  test("gets what was missed and then what is live, without gap or double, however the two meet", async () => {
    for (let written = 0; written < 5; written += 1) await write(relay, alice);
    const [early, late] = [listen(connect(bob), { query: RESUMED, variables: { after: [at(alice, 3)] } }), listen(connect(bob), { query: RESUMED, variables: { after: [at(alice, 6)] } })];
    for (let written = 0; written < 20; written += 1) await write(relay, alice);
    for (const listening of [early, late]) await listening.until(() => seqsOf(listening).includes(26));
    expect(seqsOf(early)).toEqual(range(4, 26));
    expect(seqsOf(late)).toEqual(range(7, 26));
  });

  test("resumes where a connection broke off, again and again", async () => {
    const seen: number[] = [];
    const writing = (async () => {
      for (let written = 0; written < 30; written += 1) await write(relay, alice);
    })();
    for (let last = 1; last < 31; last = seen.at(-1) ?? last) {
      const client = connect(bob);
      const listening = listen(client, { query: RESUMED, variables: { after: [at(alice, last)] } });
      await listening.until(() => listening.received.length >= 4 || seqsOf(listening).includes(31));
      // What comes after this is thrown away, as with a connection that is cut.
      seen.push(...seqsOf(listening).slice(0, 4));
      client.terminate();
      await client.dispose();
    }
    await writing;
    expect(seen).toEqual(range(2, 31));
  });

  test("without positions gets what is live only", async () => {
    await write(relay, alice);
    const client = connect(bob);
    const listening = listen(client, { query: LIVE });
    // Answers of one socket come in the order of the questions: this one says that the subscription has begun.
    await new Promise<void>((resolve) => client.subscribe({ query: "{ relay { time } }" }, { next: () => undefined, error: () => undefined, complete: resolve }));
    const { seq } = await write(relay, alice);
    await listening.until(() => listening.received.length > 0);
    expect(seqsOf(listening)).toEqual([seq]);
  });
});

describe("who is not entitled", () => {
  test("gets nothing over HTTP: no thought, no chain, no grant, no vault of others", async () => {
    const { seq } = await write(relay, alice);
    const query = `query ($alice: UserId!, $seq: Sequence!) {
      thought(author: $alice, seq: $seq) { sealedText } user(id: $alice) { friendship { id } thoughts { nodes { sealedText } } }
      feed { nodes { author { username } } } grants(author: $alice) { nodes { bytes } } vault { version } viewer { user { username } friends { nodes { peer { username } } } }
    }`;
    const variables = { alice: base64url(alice.userId), seq };
    expect((await ask(relay, { query, variables, token: eve.token })).data).toEqual({
      thought: null, user: { friendship: null, thoughts: { nodes: [] } }, feed: { nodes: [] }, grants: { nodes: [] }, vault: { version: 1 },
      viewer: { user: { username: eve.username }, friends: { nodes: [{ peer: { username: dora.username } }] } },
    });
    const chain = await ask(relay, { query: "query ($alice: UserId!) { chain(author: $alice) { head { seq } } }", variables: { alice: variables.alice }, token: eve.token });
    expect([chain.codes, chain.data]).toEqual([["CHAIN_NOT_READABLE"], null]);
    const asNobody = await ask(relay, { query, variables });
    expect([asNobody.status, new Set(asNobody.codes), asNobody.data]).toEqual([401, new Set(["UNAUTHENTICATED"]), null]);
  });

  test("gets nothing by subscribing, whatever positions are claimed, on either stream", async () => {
    await write(relay, alice);
    const client = connect(eve);
    const after = [at(alice), at(bob), at(dora), { author: "A".repeat(43), seq: 0 }];
    const fromStart = [at(alice, 0), at(bob, 0), at(dora)];
    const [thoughts, older] = [after, fromStart].map((positions) => listen(client, { query: RESUMED, variables: { after: positions } })) as [Listening, Listening];
    const entries = listen(client, { query: "subscription ($after: [PositionInput!]!) { entryAppended(after: $after) { ... on EntryAppended { entry { author hash } } ... on CaughtUp { authors } } }", variables: { after } });
    await write(relay, alice);
    await write(relay, dora);
    const { id, seq } = await write(relay, dora);
    for (const listening of [thoughts, older]) await listening.until(() => seqsOf(listening).includes(seq));
    await entries.until(() => entries.received.some(({ entryAppended }) => entryAppended.entry?.hash === id));
    for (const { received } of [thoughts, older]) expect(new Set(received.map(({ thoughtCreated }) => thoughtCreated.author.username))).toEqual(new Set([dora.username]));
    const authors = entries.received.flatMap(({ entryAppended }) => (entryAppended.entry ? [entryAppended.entry.author] : []));
    expect(new Set(authors)).toEqual(new Set([base64url(dora.userId)]));
  });

  test("gets an author's own thoughts from no stream of friends' thoughts", async () => {
    await befriend(relay, alice, dora);
    const listening = listen(connect(alice), { query: RESUMED, variables: { after: [at(alice, 0), at(dora)] } });
    await write(relay, alice);
    await write(relay, dora);
    await listening.until(() => listening.received.length > 0);
    expect(listening.received.map(({ thoughtCreated }) => thoughtCreated.author.username)).toEqual([dora.username]);
  });
});

describe("one socket", () => {
  test("carries several operations, which begin and end by themselves", async () => {
    let connections = 0;
    const client = connect(bob, () => (connections += 1));
    const [first, second] = [1, 2].map(() => listen(client, { query: RESUMED, variables: { after: [at(alice)] } })) as [Listening, Listening];
    const events = listen(client, { query: "subscription { friendshipChanged { number kind } }" });
    const question = listen(client, { query: "{ viewer { user { username } } }" });
    expect(await question.ended).toBeUndefined();
    expect(question.received).toEqual([{ viewer: { user: { username: bob.username } } }]);

    await write(relay, alice);
    for (const listening of [first, second]) await listening.until(() => listening.received.length === 1);
    await events.until(() => events.received.length === 3);
    expect(events.received.map(({ friendshipChanged }) => friendshipChanged.kind)).toEqual(["REQUESTED", "ACCEPTED", "CONFIRMED"]);

    first.stop();
    await write(relay, alice);
    await second.until(() => second.received.length === 2);
    expect([seqsOf(first), seqsOf(second), connections]).toEqual([[2], [2, 3], 1]);
  });

  test("answers a wrong operation with its errors, and the others go on", async () => {
    const client = connect(bob);
    const listening = listen(client, { query: RESUMED, variables: { after: [at(alice)] } });
    const wrong = [
      [{ query: "subscription { thoughtDeleted { id } }" }, "GRAPHQL_VALIDATION_FAILED"],
      [{ query: "subscription {" }, "GRAPHQL_PARSE_FAILED"],
      [{ query: RESUMED, variables: { after: [{ author: "nobody", seq: 0 }] } }, "BAD_INPUT"],
      [{ query: RESUMED, variables: { after: [{ author: base64url(alice.userId), seq: -1 }] } }, "BAD_INPUT"],
      [{ query: "subscription { friendshipChanged(after: 9007199254740992) { number } }" }, "GRAPHQL_VALIDATION_FAILED"],
    ] as const;
    for (const [operation, code] of wrong) {
      const refused = listen(client, operation);
      // What was never begun ends with an error; wrong variables are the one answer of an operation that began.
      const errors = (await refused.ended) ?? refused.received[0]?.errors;
      expect(errors, operation.query).toMatchObject([{ extensions: { code } }]);
    }
    await write(relay, alice);
    await listening.until(() => listening.received.length === 1);
  });
});
