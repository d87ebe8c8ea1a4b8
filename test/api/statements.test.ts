import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Author, befriend, createAuthor } from "../support/author.ts";
import { recordStatements, withoutFrames } from "../support/statements.ts";
import { createTestRelay, type TestRelay } from "../support/test-relay.ts";

/** Of two users one at least is not the viewer, who has no friendship to look up. */
const FEW = 2;
const MANY = 20;

let relay: TestRelay;
let alice: Author;
beforeAll(async () => {
  relay = await createTestRelay();
  alice = await createAuthor(relay);
  for (let index = 0; index < MANY; index += 1) {
    const [friend, stranger] = await Promise.all([createAuthor(relay), createAuthor(relay)]);
    await befriend(alice, friend);
    await friend.write("something");
    await stranger.request(alice);
    await alice.write("something");
  }
  // All friends ask for a grant.
  await relay.sql(`UPDATE "Edge" SET "grantAskedMs" = 1`);
});
afterAll(() => relay.close());

const USER = "id username card { hash } cards { version } friendship { id state requester { username } accepter { username } peer { username } }";
const FRIENDSHIP = `id peer { ${USER} } requester { ${USER} } accepter { ${USER} }`;
const THOUGHT = `seq author { ${USER} } entry { seq bytes receipt { bytes } }`;

/** Every list of the contract that is asked for by length, with what may be nested in one of its rows. */
const lists: Record<string, (first: number) => string> = {
  users: (first) => `users(first: ${first}) { nodes { ${USER} } }`,
  feed: (first) => `feed(first: ${first}) { nodes { ${THOUGHT} } }`,
  chain: (first) => `chain(author: $id, first: ${first}) { nodes { seq bytes receipt { bytes } } head { seq } }`,
  grants: (first) => `grants(first: ${first}) { nodes { author epoch bytes } }`,
  missingGrants: (first) => `missingGrants(first: ${first}) { asked recipient { ${USER} } }`,
  "keyLog.leaves": (first) => `keyLog { leaves(first: ${first}) { index nameHash userId cardHash } }`,
  "user.thoughts": (first) => `user(id: $id) { thoughts(first: ${first}) { nodes { ${THOUGHT} } } }`,
  "users.thoughts": (first) => `users(first: ${first}) { nodes { thoughts(first: 3) { nodes { ${THOUGHT} } } } }`,
  "feed.author.thoughts": (first) => `feed(first: ${first}) { nodes { author { thoughts(first: 3) { nodes { seq } } } } }`,
  "viewer.friends": (first) => `viewer { friends(first: ${first}) { nodes { ${FRIENDSHIP} } } }`,
  "viewer.friends.peer.thoughts": (first) => `viewer { friends(first: ${first}) { nodes { peer { thoughts(first: 3) { nodes { ${THOUGHT} } } } } } }`,
  "viewer.requests": (first) => `viewer { requests(first: ${first}) { nodes { ${FRIENDSHIP} } } }`,
};

/** How many rows the answer has, and how many statements it took. */
async function count(list: string, first: number): Promise<{ rows: number; statements: string[] }> {
  const question = lists[list]?.(first) ?? "";
  const [open, variables] = question.includes("$id") ? ["query ($id: UserId!)", { id: Buffer.from(alice.userId).toString("base64url") }] : ["query", {}];
  let rows = 0;
  const sent = await recordStatements(async () => {
    const { data, errors } = await relay.execute(alice.viewer, `${open} { ${question} }`, variables);
    expect(errors).toBeUndefined();
    rows = findRows(data).length;
  });
  return { rows, statements: withoutFrames(sent).map(({ text }) => text) };
}

/** The outermost list of an answer. */
function findRows(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  const [inner] = Object.values(value as object).filter((part) => typeof part === "object" && part !== null);
  return findRows(inner);
}

describe("two rows take as many statements as twenty:", () => {
  test.each(Object.keys(lists))("%s", async (list) => {
    const few = await count(list, FEW);
    const many = await count(list, MANY);
    expect([few.rows, many.rows]).toEqual([FEW, MANY]);
    expect(few.statements.length).toBeGreaterThan(0);
    expect(many.statements.length).toBe(few.statements.length);
  });
});

test("a thought is appended in two statements, and nobody waits for a lock between them", async () => {
  const sent = await recordStatements(() => alice.write("something"));
  expect(sent.map(({ text }) => text.trim().split(/\s/, 1)[0])).toEqual(["SELECT", "WITH"]);
});
