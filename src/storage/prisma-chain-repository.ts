import { DomainError } from "../domain/domain-error.ts";
import type { ChainRecord, ChainRepository, EntryRecord } from "../domain/ports/index.ts";
import { idKey } from "../protocol/index.ts";
import { appendOne, findAppendBasis } from "./append-one.ts";
import { toChainRecord, toChainRow } from "./chain-row.ts";
import { toBytes, toNullable } from "./columns.ts";
import { listEntries, listFeed, listThoughts, toEntryRecord } from "./entry-pages.ts";
import { type Chain, type Entry, Prisma } from "./generated/client.ts";
import type { Database } from "./prisma-client.ts";
import type { RunStatement } from "./statements.ts";

export function createChainRepository(database: Database, run: RunStatement): ChainRepository {
  return {
    async insertChain(chain) {
      await database.chain.create({ data: toChainRow(chain), select: { seq: true } });
    },

    async find(author) {
      const row = await database.chain.findUnique({ where: { author: toBytes(author) } });
      return row === null ? undefined : toChainRecord(row);
    },

    async lock(...authors) {
      const rows = await database.$queryRaw<Chain[]>`
        SELECT * FROM "Chain" WHERE "author" IN (${Prisma.join(authors.map(toBytes))}) ORDER BY "author" FOR UPDATE`;
      const chains = new Map(rows.map((row) => [idKey(row.author), toChainRecord(row)]));
      const inOrder = authors.map((author) => chains.get(idKey(author)));
      if (inOrder.includes(undefined)) throw new DomainError("UNAUTHENTICATED", "The account was deleted: nothing can be written under it any more.");
      return inOrder as { [Index in keyof typeof authors]: ChainRecord };
    },

    async update(chain) {
      const { author, ...data } = toChainRow(chain);
      await database.chain.update({ where: { author }, data, select: { seq: true } });
    },

    async noteEndedEdges(ender, peer) {
      await database.chain.update({ where: { author: toBytes(ender) }, data: { endedEdges: { increment: 1 } }, select: { seq: true } });
      await database.chain.update({ where: { author: toBytes(peer) }, data: { endedEdges: { increment: 1 }, rotationDue: true }, select: { seq: true } });
    },

    async noteLostFriend(peers) {
      await database.chain.updateMany({ where: { author: { in: peers.map(toBytes) } }, data: { endedEdges: { increment: 1 }, rotationDue: true } });
    },

    async listHeads(authors) {
      const rows = await database.$queryRaw<Pick<Chain, "author" | "seq" | "endedEdges">[]>`
        SELECT "author", "seq", "endedEdges" FROM "Chain" WHERE "author" = ANY(${authors.map(toBytes)}::bytea[])`;
      return rows.map((row) => ({ ...row, seq: Number(row.seq) }));
    },

    async insertEntry(entry) {
      await database.entry.create({ data: toEntryRow(entry), select: { seq: true } });
    },

    async findBySeq(author, seq) {
      const where = { author_seq: { author: toBytes(author), seq: BigInt(seq) } };
      return findEntry(await database.entry.findUnique({ where }));
    },

    async findByEntryId(author, entryId) {
      const where = { author_entryId: { author: toBytes(author), entryId: toBytes(entryId) } };
      return findEntry(await database.entry.findUnique({ where }));
    },

    async findByHash(author, hash) {
      const where = { author: toBytes(author), hash: toBytes(hash) };
      return findEntry(await database.entry.findFirst({ where }));
    },

    async deletePayload(author, seq) {
      const where = { author_seq: { author: toBytes(author), seq: BigInt(seq) } };
      await database.entry.update({ where, data: { payload: null }, select: { seq: true } });
    },

    async delete(author) {
      const where = { author: toBytes(author) };
      await database.entry.deleteMany({ where });
      await database.chain.delete({ where, select: { seq: true } });
    },

    findAppendBasis: (author, entryId) => findAppendBasis(run, author, entryId),
    appendOne: (chain, entry) => appendOne(run, chain, entry),
    listEntries: (options) => listEntries(run, options),
    listThoughts: (reader, authors, options) => listThoughts(run, reader, authors, options),
    listFeed: (reader, options) => listFeed(run, reader, options),
  };
}

function findEntry(row: Entry | null): EntryRecord | undefined {
  return row === null ? undefined : toEntryRecord(row);
}

function toEntryRow(entry: EntryRecord): Entry {
  return {
    ...entry,
    author: toBytes(entry.author),
    seq: BigInt(entry.seq),
    entryId: toBytes(entry.entryId),
    hash: toBytes(entry.hash),
    signedHeader: toBytes(entry.signedHeader),
    payload: toNullable(entry.payload, toBytes),
    receivedAtMs: BigInt(entry.receivedAtMs),
    receipt: toBytes(entry.receipt),
  };
}
