import type { ChainRepository, EntryRecord, Page } from "../domain/ports/index.ts";
import { EntryType } from "../protocol/index.ts";
import { fromNullable, toBytes } from "./columns.ts";
import type { Entry } from "./generated/client.ts";
import type { RunStatement } from "./statements.ts";

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
const entryPlaces = (direction: "ASC" | "DESC"): string => `
  SELECT p."author", p."seq", row_number() OVER (ORDER BY p."seq" ${direction}) AS "rank"
  FROM unnest($3::smallint[]) AS wanted("type")
  CROSS JOIN LATERAL (
    SELECT e."author", e."seq" FROM "Entry" e
    WHERE e."author" = $4 AND e."type" = wanted."type" AND e."seq" > $5 AND e."seq" < $6
    ORDER BY e."seq" ${direction} LIMIT $2
  ) p
  ORDER BY "rank" LIMIT $2`;

const newestThoughts = (of: string, count: string, condition = ""): string => `
  SELECT e."receivedAtMs", e."seq" FROM "Entry" e
  WHERE e."author" = ${of}."author" AND e."type" = 2 AND (e."receivedAtMs", e."seq") < ($4::bigint, ${of}."belowSeq") ${condition}
  ORDER BY e."receivedAtMs" DESC, e."seq" DESC LIMIT ${count}`;

/**
 * First the time of each author's newest thought below the cursor, to find the few authors that the page can hold: it stands
 * beside the chain's head, and only whoever has written since is looked up in the index of thoughts. Then the newest thoughts of
 * those few, but none older than the oldest of these newest ones: there are enough without it. So neither the number of
 * thoughts nor that of silent authors costs more.
 * Of what was received in the cursor's very millisecond: all of a smaller author, nothing of a larger one.
 */
const FEED_PLACES = `
  SELECT page.*, row_number() OVER (ORDER BY page."receivedAtMs" DESC, page."author" DESC, page."seq" DESC) AS "rank"
  FROM (
    SELECT a."author", t."seq", t."receivedAtMs"
    FROM (
      SELECT newest.*, CASE WHEN count(*) OVER () < $2 THEN 0 ELSE min(newest."receivedAtMs") OVER () END AS "sinceMs"
      FROM (
        SELECT b."author", b."belowSeq", newest."receivedAtMs"
        FROM (
          SELECT g."author", CASE WHEN g."author" < $5 THEN ${MAX_BIGINT} WHEN g."author" = $5 THEN $6::bigint ELSE 0 END AS "belowSeq"
          FROM "Edge" g WHERE g."reader" = $3
        ) b
        CROSS JOIN LATERAL (
          SELECT CASE WHEN c."newestThoughtMs" < $4 THEN c."newestThoughtMs" ELSE (SELECT "receivedAtMs" FROM (${newestThoughts("b", "1")}) below) END AS "receivedAtMs"
          FROM "Chain" c WHERE c."author" = b."author" LIMIT 1
        ) newest
        WHERE newest."receivedAtMs" IS NOT NULL
        ORDER BY newest."receivedAtMs" DESC, b."author" DESC LIMIT $2
      ) newest
    ) a
    CROSS JOIN LATERAL (${newestThoughts("a", "$2", 'AND e."receivedAtMs" >= a."sinceMs"')}) t
    ORDER BY t."receivedAtMs" DESC, a."author" DESC, t."seq" DESC LIMIT $2
  ) page`;

/**
 * The entries at ranked places, as many as fit in $1 bytes. One place more than asked for tells whether there are more. The
 * inner LIMIT keeps the planner from joining by a scan of the whole table.
 */
const page = (places: string): string => `
  SELECT * FROM (
    SELECT e.*, places."rank", count(*) OVER () AS "found",
      sum(octet_length(e."signedHeader") + coalesce(octet_length(e."payload"), 0)) OVER (ORDER BY places."rank") AS "bytes"
    FROM (${places}) places
    CROSS JOIN LATERAL (SELECT * FROM "Entry" WHERE "author" = places."author" AND "seq" = places."seq" LIMIT 1) e
  ) page
  WHERE "rank" = 1 OR "bytes" <= $1
  ORDER BY "rank"`;

/** The same of each author in $4 that the reader may read, apart from each other: whoever has no edge has no thoughts. */
const THOUGHTS = `
  SELECT * FROM (
    SELECT e.*, a."place", row_number() OVER "ofAuthor" AS "rank", count(*) OVER (PARTITION BY a."place") AS "found",
      sum(octet_length(e."signedHeader") + coalesce(octet_length(e."payload"), 0)) OVER "ofAuthor" AS "bytes"
    FROM (
      SELECT * FROM unnest($4::bytea[]) WITH ORDINALITY AS wanted("author", "place")
      WHERE wanted."author" = $3 OR EXISTS (SELECT FROM "Edge" g WHERE g."reader" = $3 AND g."author" = wanted."author")
    ) a
    CROSS JOIN LATERAL (
      SELECT * FROM "Entry" WHERE "author" = a."author" AND "type" = 2 AND "seq" < $5 ORDER BY "seq" DESC LIMIT $2
    ) e
    WINDOW "ofAuthor" AS (PARTITION BY a."place" ORDER BY e."seq" DESC)
  ) page
  WHERE "rank" = 1 OR "bytes" <= $1
  ORDER BY "place", "rank"`;

const OLDEST_ENTRIES = { name: "oldest entries", text: page(entryPlaces("ASC")) };
const NEWEST_ENTRIES = { name: "newest entries", text: page(entryPlaces("DESC")) };
const NEWEST_THOUGHTS = { name: "newest thoughts", text: THOUGHTS };
const FEED = { name: "feed", text: page(FEED_PLACES) };

export function listEntries(run: RunStatement, options: Parameters<ChainRepository["listEntries"]>[0]): Promise<Page<EntryRecord>> {
  const { author, types = Object.values(EntryType), after = -1, before } = options;
  const statement = options.newestFirst ? NEWEST_ENTRIES : OLDEST_ENTRIES;
  return readPage(run, statement, options, [[...new Set(types)], toBytes(author), BigInt(after), before === undefined ? MAX_BIGINT : BigInt(before)]);
}

export function listFeed(run: RunStatement, ...[reader, options]: Parameters<ChainRepository["listFeed"]>): Promise<Page<EntryRecord>> {
  const { receivedAtMs, author, seq } = options.before ?? { receivedAtMs: MAX_BIGINT, author: new Uint8Array(), seq: 0 };
  return readPage(run, FEED, options, [toBytes(reader), BigInt(receivedAtMs), toBytes(author), BigInt(seq)]);
}

export async function listThoughts(run: RunStatement, ...[reader, authors, options]: Parameters<ChainRepository["listThoughts"]>): Promise<Page<EntryRecord>[]> {
  const { before, first, maxBytes } = options;
  const values = [BigInt(maxBytes), BigInt(first + 1), toBytes(reader), authors.map(toBytes), before === undefined ? MAX_BIGINT : BigInt(before)];
  const found = await run<FoundEntry & { place: bigint }>({ ...NEWEST_THOUGHTS, values });
  return authors.map((_, index) => toPage(found.filter(({ place }) => Number(place) === index + 1), first));
}

async function readPage(
  run: RunStatement,
  statement: { name: string; text: string },
  { first, maxBytes }: { first: number; maxBytes: number },
  values: readonly unknown[],
): Promise<Page<EntryRecord>> {
  return toPage(await run<FoundEntry>({ ...statement, values: [BigInt(maxBytes), BigInt(first + 1), ...values] }), first);
}

/** A row of a page, which says how many there were before bytes were counted. */
type FoundEntry = Entry & { found: bigint };

function toPage(found: FoundEntry[], first: number): Page<EntryRecord> {
  const rows = found.slice(0, first).map(toEntryRecord);
  return { rows, hasMore: Number(found[0]?.found ?? 0) > rows.length };
}
