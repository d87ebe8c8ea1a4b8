import { afterAll, beforeAll, expect, test } from "vitest";
import { generateBytes } from "../../src/crypto/index.ts";
import { encodeBase64url } from "../../src/protocol/index.ts";
import { type Author, befriend, createAuthor } from "../support/author.ts";
import type { Json } from "../support/graphql.ts";
import { createTestRelay, type TestRelay } from "../support/test-relay.ts";

let relay: TestRelay;
let alice: Author;
let bob: Author;
let carol: Author;
beforeAll(async () => {
  relay = await createTestRelay();
  [alice, bob, carol] = await Promise.all([createAuthor(relay), createAuthor(relay), createAuthor(relay)]);
  await befriend(alice, bob);
  relay.clock.ms += 1;
  await befriend(carol, alice);
  for (const author of [bob, carol, bob, alice, carol]) {
    relay.clock.ms += 1;
    await author.write("something");
  }
});
afterAll(() => relay.close());

const id = (author: Author): string => encodeBase64url(author.userId);

async function ask(viewer: Author, query: string, variables: Record<string, unknown> = {}): Promise<Json> {
  const { data, errors } = await relay.execute(viewer.viewer, query, variables);
  expect(errors).toBeUndefined();
  return data;
}

async function refusalOf(viewer: Author, query: string, variables: Record<string, unknown> = {}): Promise<unknown> {
  const { errors } = await relay.execute(viewer.viewer, query, variables);
  const [error] = errors ?? [];
  return (error?.originalError as { code?: unknown } | undefined)?.code ?? error?.extensions["code"];
}

/** Follows the cursors of a connection to its end. */
async function walk(viewer: Author, fieldOf: (data: Json) => Json, query: string, variables: Record<string, unknown> = {}): Promise<Json[]> {
  const nodes: Json[] = [];
  for (let after: string | null = null; ; ) {
    const page = fieldOf(await ask(viewer, query, { ...variables, after }));
    expect(page.edges.map(({ node }: Json) => node)).toEqual(page.nodes);
    expect(page.pageInfo.endCursor).toBe(page.edges.at(-1)?.cursor ?? null);
    nodes.push(...page.nodes);
    if (!page.pageInfo.hasNextPage) return nodes;
    after = page.pageInfo.endCursor;
  }
}

const PAGE = "pageInfo { hasNextPage endCursor }";

test("the feed is followed to its end, newest first, with authors", async () => {
  const node = "seq author { id username } withdrawn";
  const thoughts = await walk(alice, (data) => data.feed, `query ($after: Cursor) { feed(first: 2, after: $after) { edges { cursor node { ${node} } } nodes { ${node} } ${PAGE} } }`);
  expect(thoughts.map(({ seq, author }) => [seq, author.id])).toEqual([[3, id(carol)], [3, id(bob)], [2, id(carol)], [2, id(bob)]]);
  expect(thoughts[0].author.username).toBe(carol.person.username);
});

test("a user's thoughts are followed to their end", async () => {
  const query = `query ($id: UserId!, $after: Cursor) { user(id: $id) { thoughts(first: 1, after: $after) { edges { cursor node { seq } } nodes { seq } ${PAGE} } } }`;
  expect(await walk(alice, (data) => data.user.thoughts, query, { id: id(bob) })).toEqual([{ seq: 3 }, { seq: 2 }]);
  expect(await walk(bob, (data) => data.user.thoughts, query, { id: id(carol) })).toEqual([]);
});

test("a chain is read by type and from either end, and says where it stands", async () => {
  const query = `query ($author: UserId!, $types: [EntryType!], $order: ChainOrder!) {
    chain(author: $author, types: $types, order: $order, first: 3) { nodes { seq type withdrawn bytes hash receipt { bytes receivedAt } } head { seq hash epoch } ${PAGE} }
  }`;
  const { chain } = await ask(alice, query, { author: id(bob), order: "NEWEST_FIRST" });
  expect(chain.nodes.map(({ seq, type }: Json) => [seq, type])).toEqual([[3, "THOUGHT"], [2, "THOUGHT"], [1, "EPOCH"]]);
  expect(chain.head).toEqual({ seq: 3, hash: chain.nodes[0].hash, epoch: 0 });
  expect(chain.pageInfo.hasNextPage).toBe(true);
  const outline = await ask(alice, query, { author: id(bob), types: ["CARD", "EPOCH"], order: "OLDEST_FIRST" });
  expect(outline.chain.nodes.map(({ seq }: Json) => seq)).toEqual([0, 1]);
  expect(outline.chain.pageInfo.hasNextPage).toBe(false);
});

test("one thought is found by its place; what is no thought, or not to be seen, is null", async () => {
  const query = "query ($author: UserId!, $seq: Sequence!) { thought(author: $author, seq: $seq) { id seq epoch writtenAt receivedAt withdrawn sealedText entry { bytes } } }";
  const { thought } = await ask(alice, query, { author: id(bob), seq: 2 });
  expect(thought).toMatchObject({ seq: 2, epoch: 0, withdrawn: false });
  expect(thought.entry.bytes.endsWith(thought.sealedText.slice(-100))).toBe(true);
  expect(thought.writtenAt).toBeLessThanOrEqual(thought.receivedAt);
  for (const [viewer, author, seq] of [[alice, bob, 1], [alice, bob, 99], [bob, carol, 2]] as const) {
    expect(await ask(viewer, query, { author: id(author), seq })).toEqual({ thought: null });
  }
});

test("friendships and requests are followed to their end; each shows the other one", async () => {
  const node = "state peer { id } requester { id } accepter { id }";
  const query = `query ($after: Cursor) { viewer { friends(first: 1, after: $after) { edges { cursor node { ${node} } } nodes { ${node} } ${PAGE} } } }`;
  const friends = await walk(alice, (data) => data.viewer.friends, query);
  expect(friends.map(({ state, peer }) => [state, peer.id])).toEqual([["CONFIRMED", id(carol)], ["CONFIRMED", id(bob)]]);
  const dave = await createAuthor(relay);
  await dave.request(bob);
  const requests = `query ($direction: RequestDirection) { viewer { requests(direction: $direction) { nodes { peer { id } state } } } }`;
  expect((await ask(bob, requests, { direction: "RECEIVED" })).viewer.requests.nodes).toEqual([{ peer: { id: id(dave) }, state: "PENDING" }]);
  expect((await ask(bob, requests, { direction: "SENT" })).viewer.requests.nodes).toEqual([]);
});

test("each user of a list shows what is between them and the viewer", async () => {
  const { users } = await ask(alice, "{ users(first: 10) { nodes { id friendship { state peer { id } } } } }");
  const states = Object.fromEntries(users.nodes.map((user: Json) => [user.id, user.friendship?.state]));
  expect([states[id(alice)], states[id(bob)], states[id(carol)]]).toEqual([undefined, "CONFIRMED", "CONFIRMED"]);
});

test("grants are followed to their end", async () => {
  const query = `query ($after: Cursor) { grants(first: 1, after: $after) { edges { cursor node { author epoch kind } } nodes { author epoch kind } ${PAGE} } }`;
  const grants = await walk(alice, (data) => data.grants, query);
  expect(grants.map(({ author }) => author).sort()).toEqual([id(alice), id(bob), id(carol)].sort());
  expect(new Set(grants.map(({ kind, epoch }) => `${kind} ${epoch}`))).toEqual(new Set(["HISTORY 0"]));
  expect(await ask(alice, "{ missingGrants { asked recipient { id } } }")).toEqual({ missingGrants: [] });
});

test("a page of no size, of too large a size, or behind another list's cursor is refused", async () => {
  const { feed } = await ask(alice, "{ feed(first: 1) { pageInfo { endCursor } } }");
  const foreign = feed.pageInfo.endCursor as string;
  const cases: [string, string][] = [
    ["feed(first: 0) { nodes { seq } }", "BAD_INPUT"],
    ["feed(first: 101) { nodes { seq } }", "BAD_INPUT"],
    ['feed(after: "nonsense") { nodes { seq } }', "BAD_INPUT"],
    [`grants(after: "${foreign}") { nodes { epoch } }`, "BAD_INPUT"],
    [`viewer { friends(after: "${foreign}") { nodes { id } } }`, "BAD_INPUT"],
    ["grants(first: 201) { nodes { epoch } }", "BAD_INPUT"],
    ["missingGrants(first: 1001) { asked }", "BAD_INPUT"],
    [`chain(author: "${id(bob)}", first: 501) { nodes { seq } }`, "BAD_INPUT"],
    [`chain(author: "${id(bob)}", after: -1) { nodes { seq } }`, "BAD_INPUT"],
    [`chain(author: "${encodeBase64url(generateBytes(32))}") { nodes { seq } }`, "CHAIN_NOT_READABLE"],
  ];
  for (const [field, code] of cases) expect([field, await refusalOf(alice, `{ ${field} }`)]).toEqual([field, code]);
  const truncated = encodeBase64url(new TextEncoder().encode(JSON.stringify([1, "AAAA", 2])));
  expect(await refusalOf(alice, `{ feed(after: "${truncated}") { nodes { seq } } }`)).toBe("BAD_INPUT");
});

test("refusals that carry what the client needs are objects of their own", async () => {
  const create = "mutation ($entry: Bytes!) { createThought(input: { entry: $entry }) { __typename ... on Refusal { code message } ... on HeadStale { head { seq } } ... on EntryConflict { receipt { bytes receivedAt } } } }";
  const late = alice.thought("late");
  const entryId = generateBytes(16);
  const stored = alice.thought("sooner", { entryId });
  await ask(alice, create, { entry: encodeBase64url(stored.bytes) });
  expect((await ask(alice, create, { entry: encodeBase64url(late.bytes) })).createThought).toMatchObject({ __typename: "HeadStale", code: "HEAD_STALE", head: { seq: stored.seq } });
  alice.moveTo(stored);
  const conflict = (await ask(alice, create, { entry: encodeBase64url(alice.thought("other", { entryId }).bytes) })).createThought;
  expect(conflict).toMatchObject({ __typename: "EntryConflict", code: "ENTRY_CONFLICT", receipt: { receivedAt: relay.clock.ms } });

  const request = "mutation ($record: Bytes!) { requestFriendship(input: { record: $record }) { __typename ... on Refusal { code message } ... on RequestCrossed { friendship { id peer { id } } } } }";
  const { id: fid } = await bob.request(carol);
  const crossed = (await ask(carol, request, { record: encodeBase64url(carol.requestRecord(bob)) })).requestFriendship;
  expect(crossed).toMatchObject({ __typename: "RequestCrossed", code: "REQUEST_CROSSED", friendship: { id: encodeBase64url(fid), peer: { id: id(bob) } } });
  const exists = (await ask(bob, request, { record: encodeBase64url(bob.requestRecord(carol)) })).requestFriendship;
  expect(exists).toMatchObject({ __typename: "Refused", code: "REQUEST_EXISTS" });
});
