import type { ChainRepository, EntryRecord, Page } from "../domain/ports.ts";
import { EntryType } from "../protocol/index.ts";
import { fromNullable, toBytes } from "./columns.ts";
import { type Entry, Prisma } from "./generated/client.ts";
import type { Database } from "./prisma-client.ts";

/** Above every place and every time. */
const MAX_BIGINT = 9_223_372_036_854_775_807n;

export function toEntryRecord(row: Entry): EntryRecord {
  return {
    author: row.author,
    seq: Number(row.seq),
    type: row.type,
    epoch: row.epoch,
    entryId: row.entryId,
    hash: row.hash,
    signedHeader: row.signedHeader,
    payload: fromNullable(row.payload, (payload) => payload),
    receivedAtMs: Number(row.receivedAtMs),
    receipt: row.receipt,
  };
}

/**
 * Each type is read along its own index and the results are merged: no entry of another type is ever looked at, however
 * many lie between two of the wanted ones.
 */
export function listEntries(database: Database, options: Parameters<ChainRepository["listEntries"]>[0]): Promise<Page<EntryRecord>> {
  const author = toBytes(options.author);
  const types = [...new Set(options.types ?? Object.values(EntryType))];
  const direction = options.newestFirst ? Prisma.sql`DESC` : Prisma.sql`ASC`;
  const limit = options.first + 1;
  const places = Prisma.sql`
    SELECT p."author", p."seq", row_number() OVER (ORDER BY p."seq" ${direction}) AS "rank"
    FROM unnest(${types}::smallint[]) AS wanted("type")
    CROSS JOIN LATERAL (
      SELECT e."author", e."seq" FROM "Entry" e
      WHERE e."author" = ${author} AND e."type" = wanted."type"
        AND e."seq" > ${BigInt(options.after ?? -1)} AND e."seq" < ${options.before === undefined ? MAX_BIGINT : BigInt(options.before)}
      ORDER BY e."seq" ${direction} LIMIT ${limit}
    ) p
    ORDER BY "rank" LIMIT ${limit}`;
  return readPage(database, places, options);
}

/**
 * First the newest thought of each author, to find the few authors that the page can hold; then the newest thoughts of
 * those. Both steps probe the index of thoughts, so neither the number of thoughts nor that of silent authors costs more.
 */
export function listFeed(database: Database, ...[reader, options]: Parameters<ChainRepository["listFeed"]>): Promise<Page<EntryRecord>> {
  const limit = options.first + 1;
  const { before } = options;
  const beforeMs = before === undefined ? MAX_BIGINT : BigInt(before.receivedAtMs);
  // Of what was received in the cursor's very millisecond: all of a smaller author, nothing of a larger one.
  const belowSeq = before === undefined
    ? Prisma.sql`${MAX_BIGINT}::bigint`
    : Prisma.sql`CASE WHEN g."author" < ${toBytes(before.author)} THEN ${MAX_BIGINT}::bigint
                      WHEN g."author" = ${toBytes(before.author)} THEN ${BigInt(before.seq)}::bigint ELSE 0 END`;
  const newestOf = (author: Prisma.Sql, below: Prisma.Sql, count: number): Prisma.Sql => Prisma.sql`
    SELECT e."receivedAtMs", e."seq" FROM "Entry" e
    WHERE e."author" = ${author} AND e."type" = 2 AND (e."receivedAtMs", e."seq") < (${beforeMs}, ${below})
    ORDER BY e."receivedAtMs" DESC, e."seq" DESC LIMIT ${count}`;

  const places = Prisma.sql`
    SELECT a."author", t."seq", row_number() OVER (ORDER BY t."receivedAtMs" DESC, a."author" DESC, t."seq" DESC) AS "rank"
    FROM (
      SELECT b."author", b."belowSeq"
      FROM (SELECT g."author", ${belowSeq} AS "belowSeq" FROM "Edge" g WHERE g."reader" = ${toBytes(reader)}) b
      CROSS JOIN LATERAL (${newestOf(Prisma.sql`b."author"`, Prisma.sql`b."belowSeq"`, 1)}) newest
      ORDER BY newest."receivedAtMs" DESC, b."author" DESC LIMIT ${limit}
    ) a
    CROSS JOIN LATERAL (${newestOf(Prisma.sql`a."author"`, Prisma.sql`a."belowSeq"`, limit)}) t
    ORDER BY "rank" LIMIT ${limit}`;
  return readPage(database, places, options);
}

/** Reads the entries at ranked places, as many as fit. One place more than asked for tells whether there are more. */
async function readPage(
  database: Database,
  places: Prisma.Sql,
  { first, maxBytes }: { first: number; maxBytes: number },
): Promise<Page<EntryRecord>> {
  // The inner LIMIT keeps the planner from joining by a scan of the whole table.
  const found = await database.$queryRaw<(Entry & { found: bigint })[]>`
    SELECT * FROM (
      SELECT e.*, places."rank", count(*) OVER () AS "found",
        sum(octet_length(e."signedHeader") + coalesce(octet_length(e."payload"), 0)) OVER (ORDER BY places."rank") AS "bytes"
      FROM (${places}) places
      CROSS JOIN LATERAL (SELECT * FROM "Entry" WHERE "author" = places."author" AND "seq" = places."seq" LIMIT 1) e
    ) page
    WHERE "rank" = 1 OR "bytes" <= ${maxBytes}
    ORDER BY "rank"`;
  const rows = found.slice(0, first).map(toEntryRecord);
  return { rows, hasMore: Number(found[0]?.found ?? 0) > rows.length };
}
