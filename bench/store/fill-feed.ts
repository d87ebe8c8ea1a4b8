import type pg from "pg";
import { SIGNED_HEADER_BYTES } from "../../src/protocol/index.ts";

export interface FeedHistory {
  /** Of all authors together. */
  thoughts: number;
  /** All of this reader's friends write often. */
  dense: Uint8Array;
  /** Nearly all of this reader's friends have been silent for years. */
  sparse: Uint8Array;
  friends: number;
  /** A signed thought, whose bytes all of them have: the relay signs and verifies nothing when it reads. */
  bytes: Uint8Array;
}

/** One of so many friends of the sparse reader still writes. */
const WRITING_SHARE = 20;
const SILENT_SINCE_MS = 100_000_000_000;
const RECEIPT_BYTES = 141;

/** Stores a history in the order in which a relay would receive it. */
export async function fillFeed(client: pg.Client, { thoughts, dense, sparse, friends, bytes }: FeedHistory): Promise<void> {
  await client.query("SET synchronous_commit = off");
  await client.query(`CREATE TEMP TABLE author AS SELECT n, sha256(n::text::bytea) AS id, n < $1 AS "isDense" FROM generate_series(0, 2 * $1 - 1) n`, [friends]);
  await client.query(`INSERT INTO "Edge" SELECT CASE WHEN "isDense" THEN $1::bytea ELSE $2::bytea END, id, sha256(id), 0 FROM author`, [dense, sparse]);
  const indexes = await dropIndexes(client);
  await client.query(
    `INSERT INTO "Entry"
     SELECT id, seq, 2, 0, substr(hash, 1, 16), hash, $3, $4, place - CASE WHEN "isDense" OR n % $5 = 0 THEN 0 ELSE $6::bigint END, $7
     FROM (SELECT author.*, seq, 1800000000000 + seq * 1000 + n AS place, sha256(id || seq::text::bytea) AS hash
           FROM generate_series(1, $1 / (2 * $2::integer)) seq CROSS JOIN author ORDER BY seq, n) history`,
    [thoughts, friends, bytes.subarray(0, SIGNED_HEADER_BYTES), bytes.subarray(SIGNED_HEADER_BYTES), WRITING_SHARE, SILENT_SINCE_MS, new Uint8Array(RECEIPT_BYTES)],
  );
  for (const { definition } of indexes) await client.query(definition);
  await client.query(
    `INSERT INTO "Chain" ("author", "seq", "headHash", "headReceivedAtMs", "newestThoughtMs", "epoch", "epochCommitment", "thoughtCommitment", "signerCardHash")
     SELECT "author", max("seq"), "author", max("receivedAtMs"), max("receivedAtMs"), 0, "author", "author", "author" FROM "Entry" GROUP BY "author"
     ON CONFLICT DO NOTHING`,
  );
  await client.query("VACUUM (ANALYZE)");
  // What was stored is on the disk before anything is measured.
  await client.query("CHECKPOINT");
}

/** Building an index over what is there takes a fraction of keeping it up to date row by row. */
async function dropIndexes(client: pg.Client): Promise<{ definition: string }[]> {
  const { rows } = await client.query<{ name: string; definition: string }>(
    `SELECT indexname AS name, indexdef AS definition FROM pg_indexes WHERE tablename = 'Entry' AND indexname <> 'Entry_pkey'`,
  );
  for (const { name } of rows) await client.query(`DROP INDEX "${name}"`);
  return rows;
}
