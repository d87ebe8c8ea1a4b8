import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ChainRepository, EntryRecord, FeedPlace } from "../../src/domain/ports/index.ts";
import { EntryType, idKey } from "../../src/protocol/index.ts";
import { Prisma } from "../../src/storage/generated/client.ts";
import { createChainRepository } from "../../src/storage/prisma-chain-repository.ts";
import { createPrismaClient, type DatabaseClient } from "../../src/storage/prisma-client.ts";
import type { RunStatement } from "../../src/storage/statements.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

const MANY = 1000;
const AUTHORS = 60;
const EVERYTHING = 2 ** 40;

let database: TestDatabase;
let prisma: DatabaseClient;
let chains: ChainRepository;
beforeAll(async () => {
  database = await createTestDatabase();
  prisma = createPrismaClient({ ...database.connection, max: 4 });
  chains = createChainRepository(prisma, prisma.$statement);
});
afterAll(async () => {
  await prisma.$disconnect();
  await database.drop();
});

const newId = (): Uint8Array<ArrayBuffer> => new Uint8Array(randomBytes(32));

/** Rows as only the pages need them: what is signed in them is not looked at. */
async function fill(author: Uint8Array<ArrayBuffer>, count: number, options: { typeOf?: string; msOf?: string; payloadBytes?: number } = {}): Promise<void> {
  const { typeOf = "2", msOf = "n", payloadBytes = 300 } = options;
  await prisma.$executeRaw`
    INSERT INTO "Entry" SELECT ${author}, n, ${Prisma.raw(typeOf)}, 0, substr(sha256(${author} || n::text::bytea), 1, 16), sha256(${author} || n::text::bytea),
      decode(repeat('00', 234), 'hex'), decode(repeat('00', ${payloadBytes}::int), 'hex'), ${Prisma.raw(msOf)}, '\\x00'
    FROM generate_series(0, ${count - 1}) n`;
  await prisma.$executeRaw`
    INSERT INTO "Chain" ("author", "seq", "headHash", "headReceivedAtMs", "newestThoughtMs", "epoch", "epochCommitment", "thoughtCommitment", "signerCardHash")
    SELECT ${author}, max("seq"), '', max("receivedAtMs"), max("receivedAtMs") FILTER (WHERE "type" = 2), 0, '', '', '' FROM "Entry" WHERE "author" = ${author}`;
}

async function follow(reader: Uint8Array<ArrayBuffer>, author: Uint8Array<ArrayBuffer>): Promise<void> {
  await prisma.edge.create({ data: { reader, author, friendshipId: newId(), sinceSeq: 0n } });
}

const placeOf = ({ author, seq }: EntryRecord): string => `${idKey(author)} ${seq}`;

/** The feed as one would write it down by hand. */
function compareNewestFirst(a: EntryRecord, b: EntryRecord): number {
  return b.receivedAtMs - a.receivedAtMs || Buffer.compare(b.author, a.author) || b.seq - a.seq;
}

async function walkFeed(reader: Uint8Array, first: number, maxBytes = EVERYTHING): Promise<EntryRecord[]> {
  const walked: EntryRecord[] = [];
  for (let before: FeedPlace | undefined; ; ) {
    const page = await chains.listFeed(reader, { before, first, maxBytes });
    walked.push(...page.rows);
    if (!page.hasMore) return walked;
    expect(page.rows.length).toBeGreaterThan(0);
    before = page.rows.at(-1);
  }
}

describe("the feed", () => {
  test("walked in pages of any size is every thought of the authors one reads, once, in order", async () => {
    const reader = newId();
    const expected: EntryRecord[] = [];
    // Many at the same moment, by one author and by several; entries of other types in between; one author who is silent.
    for (const [count, msOf, typeOf] of [[12, "n / 4", "2"], [9, "n / 3", "2"], [15, "2", "2"], [10, "n", "n % 3"], [4, "n", "1"]] as const) {
      const author = newId();
      await fill(author, count, { msOf, typeOf });
      await follow(reader, author);
      const { rows } = await chains.listEntries({ author, after: undefined, before: undefined, types: [EntryType.THOUGHT], newestFirst: false, first: 100, maxBytes: EVERYTHING });
      expected.push(...rows);
    }
    const stranger = newId();
    await fill(stranger, 5);
    expected.sort(compareNewestFirst);
    for (const first of [1, 2, 3, 7, 39, 100]) {
      expect((await walkFeed(reader, first)).map(placeOf)).toEqual(expected.map(placeOf));
    }
    expect((await walkFeed(reader, 100, 1200)).map(placeOf)).toEqual(expected.map(placeOf));
    expect(await walkFeed(stranger, 10)).toEqual([]);
  });
});

describe("a chain", () => {
  test("is read from either end, between two places, by type, in pages that join", async () => {
    const author = newId();
    await fill(author, 40, { typeOf: "n % 7" });
    const all = Array.from({ length: 40 }, (_, seq) => ({ seq, type: seq % 7 }));
    for (const newestFirst of [false, true]) {
      for (const types of [undefined, [2], [0, 1], [3, 6, 2, 3, 3], []]) {
        for (const [after, before] of [[undefined, undefined], [5, undefined], [undefined, 30], [5, 30], [7, 8]] as const) {
          for (const first of [1, 4, 50]) {
            const inside = all.filter(({ seq, type }) => seq > (after ?? -1) && seq < (before ?? 99) && (types?.includes(type) ?? true));
            const ordered = newestFirst ? inside.reverse() : inside;
            const page = await chains.listEntries({ author, after, before, types, newestFirst, first, maxBytes: EVERYTHING });
            expect(page.rows.map(({ seq }) => seq)).toEqual(ordered.slice(0, first).map(({ seq }) => seq));
            expect(page.hasMore).toBe(ordered.length > first);
          }
        }
      }
    }
  });

  test("ends its page where one more entry would be too much, but holds at least one", async () => {
    const author = newId();
    await fill(author, 10, { payloadBytes: 766 });
    const read = (maxBytes: number, first = 100) =>
      chains.listEntries({ author, after: undefined, before: undefined, types: undefined, newestFirst: false, first, maxBytes });
    for (const [maxBytes, rows, hasMore] of [[3000, 3, true], [3999, 3, true], [1, 1, true], [10_000, 10, false], [9999, 9, true]] as const) {
      const page = await read(maxBytes);
      expect([page.rows.length, page.hasMore]).toEqual([rows, hasMore]);
    }
    expect(await read(3000, 2)).toMatchObject({ hasMore: true, rows: [{ seq: 0 }, { seq: 1 }] });
  });
});

describe("the thoughts of several authors", () => {
  test("are a page of each in the order asked for, and none of whom the reader has no edge to", async () => {
    const [reader, friend, silent, stranger] = [newId(), newId(), newId(), newId()];
    await fill(reader, 6, { typeOf: "n % 3" });
    await fill(friend, 30, { typeOf: "n % 3", payloadBytes: 766 });
    await fill(stranger, 5);
    for (const author of [friend, silent]) await follow(reader, author);
    const authors = [stranger, friend, reader, silent, friend];
    for (const [before, first, maxBytes] of [[undefined, 20, EVERYTHING], [15, 2, EVERYTHING], [15, 20, 3000], [undefined, 20, 1]] as const) {
      const ofAuthor = (author: Uint8Array) => chains.listEntries({ author, after: undefined, before, types: [EntryType.THOUGHT], newestFirst: true, first, maxBytes });
      const [none, ofFriend, own] = [{ rows: [], hasMore: false }, await ofAuthor(friend), await ofAuthor(reader)];
      expect([ofFriend.rows.length > 0, own.rows.length > 0]).toEqual([true, true]);
      expect(await chains.listThoughts(reader, authors, { before, first, maxBytes })).toEqual([none, ofFriend, own, none, ofFriend]);
    }
  });
});

interface Plan {
  "Node Type": string;
  "Relation Name"?: string;
  "Actual Rows": number;
  "Actual Loops": number;
  "Rows Removed by Filter"?: number;
  Plans?: Plan[];
}

/** A repository that keeps the plan of every statement it runs, with what the plan really read. */
function explainingChains(): { chains: ChainRepository; plans: Plan[] } {
  const plans: Plan[] = [];
  const run: RunStatement = async (statement) => {
    const [explained] = await prisma.$statement<{ "QUERY PLAN": { Plan: Plan }[] }>({ ...statement, name: `explain ${statement.name}`, text: `EXPLAIN (ANALYZE, FORMAT JSON) ${statement.text}` });
    const plan = explained?.["QUERY PLAN"][0]?.Plan;
    if (plan) plans.push(plan);
    return prisma.$statement(statement);
  };
  return { chains: createChainRepository(prisma, run), plans };
}

function flatten(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(flatten)];
}

/** How many rows of "Entry" a plan looked at, kept or not. */
function entriesRead(plans: Plan[]): number {
  return plans
    .flatMap(flatten)
    .filter((node) => node["Relation Name"] === "Entry")
    .reduce((sum, node) => sum + (node["Actual Rows"] + (node["Rows Removed by Filter"] ?? 0)) * node["Actual Loops"], 0);
}

describe("the cost does not grow with the number of thoughts", () => {
  const reader = newId();
  const authors = Array.from({ length: AUTHORS }, newId);

  beforeAll(async () => {
    // Half of them stopped writing long ago; a card and an epoch now and then among the thoughts.
    for (const [index, author] of authors.entries()) {
      const msOf = index % 2 === 0 ? "n * 10" : "n * 10 + 1000000000";
      await fill(author, MANY, { msOf, typeOf: "CASE WHEN n % 500 = 0 THEN 1 ELSE 2 END" });
      await follow(reader, author);
    }
    await prisma.$executeRaw`ANALYZE`;
  });

  test("no page of the feed scans the table or reads more than its bound", async () => {
    const { chains: explaining, plans } = explainingChains();
    const first = 20;
    const newest = await explaining.listFeed(reader, { before: undefined, first, maxBytes: EVERYTHING });
    await explaining.listFeed(reader, { before: newest.rows.at(-1), first, maxBytes: EVERYTHING });
    await explaining.listFeed(reader, { before: { receivedAtMs: 500_000, author: newId(), seq: 7 }, first, maxBytes: EVERYTHING });
    expect(plans).toHaveLength(3);
    for (const plan of plans) {
      expect(flatten(plan).filter((node) => node["Node Type"] === "Seq Scan" && node["Relation Name"] === "Entry")).toEqual([]);
      expect(entriesRead([plan])).toBeLessThanOrEqual(AUTHORS + (first + 1) ** 2 + first + 1);
    }
  });

  test("no page of a chain scans the table or reads more than its bound", async () => {
    const { chains: explaining, plans } = explainingChains();
    const first = 50;
    const author = authors[0] ?? newId();
    for (const newestFirst of [false, true]) {
      for (const types of [undefined, [EntryType.CARD, EntryType.EPOCH], [EntryType.THOUGHT], [EntryType.HEAL]]) {
        await explaining.listEntries({ author, after: 100, before: 900, types, newestFirst, first, maxBytes: EVERYTHING });
      }
    }
    expect(plans).toHaveLength(8);
    for (const plan of plans) {
      expect(flatten(plan).filter((node) => node["Node Type"] === "Seq Scan" && node["Relation Name"] === "Entry")).toEqual([]);
      expect(entriesRead([plan])).toBeLessThanOrEqual(7 * (first + 1) + first + 1);
    }
  });
});
