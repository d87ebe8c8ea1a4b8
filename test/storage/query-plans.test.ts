import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Author, befriend, createAuthor } from "../support/author.ts";
import { recordStatements, type SentStatement, withoutFrames } from "../support/statements.ts";
import { createTestRelay, type TestRelay } from "../support/test-relay.ts";

const THOUGHTS = 60_000;
const STRANGERS = 2_000;
const MAX_BYTES = 1_048_576;

/** The tables that grow with people and what they write. */
const LARGE = ["Entry", "Chain", "Edge", "Friendship", "User", "Card"];

let relay: TestRelay;
let client: pg.Client;
let alice: Author;
let bob: Author;
beforeAll(async () => {
  relay = await createTestRelay();
  alice = await createAuthor(relay);
  bob = await createAuthor(relay);
  await befriend(alice, bob);
  await alice.request(await createAuthor(relay));
  await fill();
  const [row] = await relay.sql("SELECT current_database() AS database, current_setting('unix_socket_directories') AS host, current_setting('port')::int AS port, current_user AS user");
  client = new pg.Client(row);
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await relay.close();
});

/** People with chains and friends among each other, and thoughts of theirs. What is signed is not looked at. */
async function fill(): Promise<void> {
  const stranger = (n: string): string => `sha256((${n})::text::bytea)`;
  await relay.sql(`INSERT INTO "Entry" SELECT ${stranger(`n % ${STRANGERS}`)}, n / ${STRANGERS}, 2, 0, substr(sha256(n::text::bytea), 1, 16), sha256(n::text::bytea),
    decode(repeat('00', 234), 'hex'), '\\x00', n, '\\x00' FROM generate_series(0, ${THOUGHTS - 1}) n`);
  await relay.sql(`INSERT INTO "Chain" SELECT ${stranger("n")}, 30, sha256('a'), 0, 0, sha256('a'), sha256('a'), sha256(n::text::bytea) FROM generate_series(0, ${STRANGERS - 1}) n`);
  await relay.sql(`INSERT INTO "Card" SELECT ${stranger("n")}, 1, sha256(n::text::bytea), decode(repeat('00', 300), 'hex') FROM generate_series(0, ${STRANGERS - 1}) n`);
  await relay.sql(`INSERT INTO "User" SELECT ${stranger("n")}, 'stranger_' || n, 0, NULL, NULL, 1, sha256(n::text::bytea), '', '\\x00', 1, '\\x00', 1, '\\x00' FROM generate_series(0, ${STRANGERS - 1}) n`);
  const pair = `least(${stranger("n")}, ${stranger("n + 1")}) || greatest(${stranger("n")}, ${stranger("n + 1")})`;
  await relay.sql(`INSERT INTO "Friendship" SELECT sha256((n || 'f')::bytea), ${stranger("n")}, ${stranger("n + 1")}, 'CONFIRMED', ${pair}, 0, 0, n, '\\x00' FROM generate_series(0, ${STRANGERS - 2}) n`);
  await relay.sql(`INSERT INTO "Edge" SELECT ${stranger("n")}, ${stranger(`(n + k) % ${STRANGERS}`)}, sha256('f'), 0 FROM generate_series(0, ${STRANGERS - 1}) n, generate_series(1, 10) k`);
  await relay.sql("ANALYZE");
}

interface Plan {
  "Node Type": string;
  "Relation Name"?: string;
  Plans?: Plan[];
}

/** Which large tables the statement reads from their beginning to their end, with its own values and with any. */
async function findScans({ text, values }: SentStatement): Promise<string[]> {
  const explain = async (options: string, given: unknown[] | undefined): Promise<Plan> => {
    const { rows } = await client.query<{ "QUERY PLAN": [{ Plan: Plan }] }>(`EXPLAIN (FORMAT JSON${options}) ${text}`, given);
    return (rows[0] as { "QUERY PLAN": [{ Plan: Plan }] })["QUERY PLAN"][0].Plan;
  };
  // A statement that a connection has prepared may be planned once for all values.
  const plans = [await explain("", values), await explain(", GENERIC_PLAN", undefined)];
  return plans.flatMap(flatten).filter((node) => node["Node Type"] === "Seq Scan" && LARGE.includes(node["Relation Name"] ?? "")).map((node) => `Seq Scan on ${node["Relation Name"]}`);
}

function flatten(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(flatten)];
}

/** What the relay does often, by the words of its operator. */
const ways: Record<string, () => Promise<unknown>> = {
  "the newest page of a feed": () => relay.unitOfWork.repositories.chains.listFeed(bob.userId, { before: undefined, first: 50, maxBytes: MAX_BYTES }),
  "a later page of a feed": () =>
    relay.unitOfWork.repositories.chains.listFeed(bob.userId, { before: { receivedAtMs: 2 ** 41, author: alice.userId, seq: 9 }, first: 50, maxBytes: MAX_BYTES }),
  "catching up": () => relay.unitOfWork.repositories.chains.listEntries({ author: alice.userId, after: 0, before: undefined, types: undefined, newestFirst: false, first: 100, maxBytes: MAX_BYTES }),
  "thoughts of several, newest first": () =>
    relay.unitOfWork.repositories.chains.listThoughts(bob.userId, [alice.userId, bob.userId], { before: 99, first: 20, maxBytes: MAX_BYTES }),
  "appending a thought": () => alice.write("something"),
  "appending the same thought again": async () => relay.services.thoughts.create(alice.viewer, (await repeated()).bytes),
  "withdrawing a thought": async () => {
    const thought = await repeated();
    const tombstone = alice.tombstone(thought.entryHash);
    await relay.services.thoughts.withdraw(alice.viewer, tombstone.bytes);
    alice.moveTo(tombstone);
  },
  "the head of a chain": () => relay.services.chains.getHead(alice.viewer),
  "the heads of many chains": () => relay.unitOfWork.repositories.chains.listHeads([alice.userId, bob.userId]),
  "whose chains one may read": () => relay.unitOfWork.repositories.friendships.listAuthors(bob.userId),
  "friends": () => relay.services.friendships.listFriends(alice.viewer, { before: undefined, first: 20 }),
  "a later page of friends": () => relay.services.friendships.listFriends(alice.viewer, { before: { changedAtMs: 2 ** 41, id: alice.userId }, first: 20 }),
  "friend requests": () => relay.services.friendships.listRequests(alice.viewer, { direction: undefined, before: undefined, first: 20 }),
  "friendships with the authors of a page": () => relay.services.friendships.findNewest(alice.viewer, [bob.userId]),
};

/** A thought that is stored already. */
async function repeated() {
  const thought = alice.thought("once");
  await relay.services.thoughts.create(alice.viewer, thought.bytes);
  alice.moveTo(thought);
  return thought;
}

describe(`with ${THOUGHTS} thoughts of ${STRANGERS} others in the store, no table is read as a whole by`, () => {
  test.each(Object.keys(ways))("%s", async (name) => {
    const statements = withoutFrames(await recordStatements(ways[name] as () => Promise<unknown>));
    expect(statements.length).toBeGreaterThan(0);
    for (const statement of statements) expect([statement.text, await findScans(statement)]).toEqual([statement.text, []]);
  });
});

test("without the indexes of the entries, every way that reads them is caught", async () => {
  const reading = ["the newest page of a feed", "catching up", "appending a thought", "appending the same thought again", "withdrawing a thought"];
  const statements = new Map<string, SentStatement[]>();
  for (const name of reading) statements.set(name, withoutFrames(await recordStatements(ways[name] as () => Promise<unknown>)));
  await client.query("BEGIN");
  await client.query('ALTER TABLE "Entry" DROP CONSTRAINT "Entry_pkey"');
  for (const index of ["Entry_author_entryId_key", "Entry_author_type_seq_idx", "Entry_author_hash_idx", "Entry_thoughts_idx"]) await client.query(`DROP INDEX "${index}"`);
  for (const name of reading) {
    const scans: string[] = [];
    for (const statement of statements.get(name) ?? []) scans.push(...(await findScans(statement)));
    expect([name, scans]).toEqual([name, expect.arrayContaining(["Seq Scan on Entry"])]);
  }
  await client.query("ROLLBACK");
});
