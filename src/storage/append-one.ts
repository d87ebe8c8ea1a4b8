import type { AppendBasis, ChainRecord, EntryRecord } from "../domain/ports/index.ts";
import type { EntryId, UserId } from "../protocol/index.ts";
import { toChainRecord } from "./chain-row.ts";
import { toBytes, toNullable } from "./columns.ts";
import type { Chain } from "./generated/client.ts";
import type { RunStatement } from "./statements.ts";

const BASIS = `
  SELECT chain.*, card."bytes" AS "card",
    EXISTS (SELECT FROM "Entry" e WHERE e."author" = chain."author" AND e."entryId" = $2) AS "isKnown"
  FROM "Chain" chain JOIN "Card" card ON card."hash" = chain."signerCardHash"
  WHERE chain."author" = $1`;

/** One snapshot of all that an entry is checked against. */
export async function findAppendBasis(run: RunStatement, author: UserId, entryId: EntryId): Promise<AppendBasis | undefined> {
  const [row] = await run<Chain & { card: Uint8Array; isKnown: boolean }>({ name: "append basis", text: BASIS, values: [toBytes(author), toBytes(entryId)] });
  if (!row) return undefined;
  const { card, isKnown, ...chain } = row;
  return { chain: toChainRecord(chain), card, isKnown };
}

/**
 * The update waits for whoever holds the head, and then looks at it again: so nothing is stored behind a head, or under
 * flags, other than those that the entry was checked against.
 */
const APPEND = `
  WITH head AS (
    UPDATE "Chain" SET "seq" = $2, "headHash" = $6, "headReceivedAtMs" = $9, "newestThoughtMs" = CASE WHEN $3 = 2 THEN $9 ELSE "newestThoughtMs" END
    WHERE "author" = $1 AND "seq" = $11 AND "headHash" = $12 AND "headReceivedAtMs" = $13 AND "epoch" = $4 AND "signerCardHash" = $14
      AND "cardEpochDue" = $15 AND "rotationDue" = $16 AND "restoration" = $17 AND "endedEdges" = $18
    RETURNING "author"
  )
  INSERT INTO "Entry" ("author", "seq", "type", "epoch", "entryId", "hash", "signedHeader", "payload", "receivedAtMs", "receipt")
  SELECT head."author", $2, $3, $4, $5, $6, $7, $8, $9, $10 FROM head
  RETURNING "seq"`;

/** Stores an entry that changes nothing of its chain but the head, if the chain still stands where it was checked against. */
export async function appendOne(run: RunStatement, { author, ...chain }: ChainRecord, entry: EntryRecord): Promise<boolean> {
  const { seq, type, epoch, entryId, hash, signedHeader, payload, receivedAtMs, receipt } = entry;
  const rows = await run({
    name: "append one",
    text: APPEND,
    values: [
      toBytes(author), BigInt(seq), type, epoch, toBytes(entryId), toBytes(hash), toBytes(signedHeader), toNullable(payload, toBytes), BigInt(receivedAtMs), toBytes(receipt),
      BigInt(chain.seq), toBytes(chain.headHash), BigInt(chain.headReceivedAtMs), toBytes(chain.signerCardHash),
      chain.cardEpochDue, chain.rotationDue, chain.restoration, chain.endedEdges,
    ],
  });
  return rows.length === 1;
}
