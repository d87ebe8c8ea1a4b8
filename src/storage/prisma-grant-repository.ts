import type { GrantRecord, GrantRepository } from "../domain/ports/index.ts";
import { toBytes } from "./columns.ts";
import { type Grant, Prisma } from "./generated/client.ts";
import type { Database } from "./prisma-client.ts";

export function createGrantRepository(database: Database): GrantRepository {
  return {
    async insert(grants) {
      if (grants.length === 0) return [];
      const rows = grants.map(({ author, recipient, kind, epoch, bytes }) =>
        Prisma.sql`(${toBytes(author)}, ${toBytes(recipient)}, ${kind}::smallint, ${epoch}::integer, ${toBytes(bytes)})`,
      );
      const stored = await database.$queryRaw<Grant[]>`
        INSERT INTO "Grant" AS present ("author", "recipient", "kind", "epoch", "bytes") VALUES ${Prisma.join(rows)}
        ON CONFLICT ("recipient", "author", "kind", "epoch") DO UPDATE SET "bytes" = EXCLUDED."bytes"
          WHERE present."bytes" <> EXCLUDED."bytes"
        RETURNING *`;
      await deleteOlderHistory(database, stored);
      return stored.map(toGrantRecord);
    },

    async deleteBetween(a, b) {
      const [one, other] = [toBytes(a), toBytes(b)];
      await database.grant.deleteMany({
        where: { OR: [{ author: one, recipient: other }, { author: other, recipient: one }] },
      });
    },

    async deleteOf(userId) {
      const id = toBytes(userId);
      await database.grant.deleteMany({ where: { OR: [{ author: id }, { recipient: id }] } });
    },

    async list(recipient, { author, after, first }) {
      const of = author === undefined ? Prisma.empty : Prisma.sql`AND "author" = ${toBytes(author)}`;
      const behind = after === undefined
        ? Prisma.empty
        : Prisma.sql`AND ("author", "kind", "epoch") > (${toBytes(after.author)}, ${after.kind}, ${after.epoch})`;
      const rows = await database.$queryRaw<Grant[]>`
        SELECT * FROM "Grant" WHERE "recipient" = ${toBytes(recipient)} ${of} ${behind}
        ORDER BY "author", "kind", "epoch" LIMIT ${first + 1}`;
      return { rows: rows.slice(0, first).map(toGrantRecord), hasMore: rows.length > first };
    },

    async listMissing(author, epoch, first) {
      const rows = await database.$queryRaw<{ reader: Uint8Array; asked: boolean }[]>`
        SELECT e."reader", e."grantAskedMs" IS NOT NULL AS "asked" FROM "Edge" e
        WHERE e."author" = ${toBytes(author)} AND (
          e."grantAskedMs" IS NOT NULL
          OR NOT EXISTS (
            SELECT FROM "Grant" g
            WHERE g."recipient" = e."reader" AND g."author" = e."author" AND g."epoch" = ${epoch} AND g."kind" IN (1, 2)
          )
        )
        ORDER BY e."reader" LIMIT ${first}`;
      return rows.map(({ reader, asked }) => ({ recipient: reader, asked }));
    },
  };
}

/** A grant of kind HISTORY opens everything before it: older ones are of no more use. */
async function deleteOlderHistory(database: Database, grants: Grant[]): Promise<void> {
  const history = grants.filter(({ kind }) => kind === 1);
  const [newest] = history;
  if (newest === undefined) return;
  await database.grant.deleteMany({
    where: { author: newest.author, recipient: { in: history.map(({ recipient }) => recipient) }, kind: 1, epoch: { lt: newest.epoch } },
  });
}

function toGrantRecord(row: Grant): GrantRecord {
  return { ...row, kind: row.kind === 1 ? 1 : 2 };
}
