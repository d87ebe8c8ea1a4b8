import type { KeyLogLeafRecord, KeyLogRepository, KeyLogState, NamedCard } from "../domain/ports/index.ts";
import { concatBytes, HASH_BYTES, idKey } from "../protocol/index.ts";
import { toBytes } from "./columns.ts";
import type { RunStatement } from "./statements.ts";

interface StateRow {
  size: bigint;
  frontier: Uint8Array;
}

interface LeafRow {
  index: bigint;
  nameHash: Uint8Array;
  userId: Uint8Array;
  cardHash: Uint8Array;
  hash: Uint8Array;
}

const STATE = `SELECT "size", "frontier" FROM "KeyLog"`;
const LEAF = `SELECT "index", "nameHash", "userId", "cardHash", "hash" FROM "KeyLogLeaf"`;

const APPEND = `
  WITH leaves AS (
    INSERT INTO "KeyLogLeaf" ("index", "nameHash", "userId", "cardHash", "hash")
    SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::bytea[], $5::bytea[])
  ), nodes AS (
    INSERT INTO "KeyLogNode" ("level", "index", "hash") SELECT * FROM unnest($6::smallint[], $7::bigint[], $8::bytea[])
  )
  UPDATE "KeyLog" SET "size" = $9, "frontier" = $10`;

/** A leaf is a node of level 0. */
const NODES = `
  SELECT coalesce(leaf."hash", node."hash") AS "hash"
  FROM unnest($1::smallint[], $2::bigint[]) WITH ORDINALITY AS wanted("level", "index", "place")
  LEFT JOIN "KeyLogLeaf" leaf ON wanted."level" = 0 AND leaf."index" = wanted."index"
  LEFT JOIN "KeyLogNode" node ON node."level" = wanted."level" AND node."index" = wanted."index"
  ORDER BY wanted."place"`;

const UNLOGGED = `
  SELECT owner."username", card."userId", card."hash" AS "cardHash"
  FROM "Card" card JOIN "User" owner ON owner."id" = card."userId"
  WHERE NOT EXISTS (SELECT FROM "KeyLogLeaf" leaf WHERE leaf."cardHash" = card."hash")
  ORDER BY owner."createdAtMs", card."userId", card."version" LIMIT $1`;

export function createKeyLogRepository(run: RunStatement): KeyLogRepository {
  const readState = async (name: string, text: string): Promise<KeyLogState> => {
    const [row] = await run<StateRow>({ name, text, values: [] });
    if (!row) throw new Error("a relay without a key log");
    return { size: Number(row.size), frontier: splitHashes(row.frontier) };
  };

  return {
    getState: () => readState("key log", STATE),
    lock: () => readState("key log lock", `${STATE} FOR UPDATE`),

    async append(leaves, nodes, { size, frontier }) {
      const hashes = (of: (leaf: KeyLogLeafRecord) => Uint8Array): Uint8Array[] => leaves.map((leaf) => toBytes(of(leaf)));
      await run({
        name: "key log append",
        text: APPEND,
        values: [
          leaves.map(({ index }) => BigInt(index)), hashes((leaf) => leaf.nameHash), hashes((leaf) => leaf.userId), hashes((leaf) => leaf.cardHash), hashes((leaf) => leaf.hash),
          nodes.map(({ level }) => level), nodes.map(({ index }) => BigInt(index)), nodes.map(({ hash }) => toBytes(hash)),
          BigInt(size), toBytes(concatBytes(...frontier)),
        ],
      });
    },

    async getNodes(nodes) {
      const values = [nodes.map(({ level }) => level), nodes.map(({ index }) => BigInt(index))];
      const rows = await run<{ hash: Uint8Array | null }>({ name: "key log nodes", text: NODES, values });
      return rows.map(({ hash }) => {
        if (hash === null) throw new Error("a node of the key log that is not stored");
        return hash;
      });
    },

    async findIndexes(leafHashes) {
      if (leafHashes.length === 0) return [];
      const text = `SELECT "index", "hash" FROM "KeyLogLeaf" WHERE "hash" = ANY($1::bytea[])`;
      const rows = await run<Pick<LeafRow, "index" | "hash">>({ name: "key log indexes", text, values: [leafHashes.map(toBytes)] });
      const indexes = new Map(rows.map(({ index, hash }) => [idKey(hash), Number(index)]));
      return leafHashes.map((hash) => indexes.get(idKey(hash)));
    },

    async listLeaves({ from, before, first }) {
      const text = `${LEAF} WHERE "index" >= $1 AND "index" < $2 ORDER BY "index" LIMIT $3`;
      return (await run<LeafRow>({ name: "key log leaves", text, values: [BigInt(from), BigInt(before), BigInt(first)] })).map(toLeaf);
    },

    async listLeavesOf(nameHashes, { before, first }) {
      const text = `${LEAF} WHERE "nameHash" = ANY($1::bytea[]) AND "index" < $2 ORDER BY "index" LIMIT $3`;
      return (await run<LeafRow>({ name: "key log names", text, values: [nameHashes.map(toBytes), BigInt(before), BigInt(first)] })).map(toLeaf);
    },

    listUnlogged: (first) => run<NamedCard>({ name: "key log unlogged", text: UNLOGGED, values: [BigInt(first)] }),
  };
}

function toLeaf({ index, ...leaf }: LeafRow): KeyLogLeafRecord {
  return { ...leaf, index: Number(index) };
}

function splitHashes(bytes: Uint8Array): Uint8Array[] {
  const count = bytes.length / HASH_BYTES;
  return Array.from({ length: count }, (_, place) => new Uint8Array(bytes.subarray(place * HASH_BYTES, (place + 1) * HASH_BYTES)));
}
