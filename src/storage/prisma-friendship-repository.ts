import type { EdgeRecord, FriendshipEventKind, FriendshipEventRecord, FriendshipRecordRow, FriendshipRepository, FriendshipState } from "../domain/ports/index.ts";
import { concatBytes, idKey } from "../protocol/index.ts";
import { fromNullable, toBytes, toNullable } from "./columns.ts";
import { type Edge, type Friendship, type FriendshipEvent, Prisma } from "./generated/client.ts";
import type { Database } from "./prisma-client.ts";

const isOpen = Prisma.sql`"state" IN ('PENDING', 'ACCEPTED', 'CONFIRMED')`;

export function createFriendshipRepository(database: Database): FriendshipRepository {
  return {
    async find(id) {
      return findRow(await database.friendship.findMany({ where: { id: toBytes(id) } }));
    },

    async findOpen(a, b) {
      return findRow(await database.$queryRaw<Friendship[]>`SELECT * FROM "Friendship" WHERE "pair" = ${pairOf(a, b)} AND ${isOpen}`);
    },

    async findNewest(userId, peers) {
      if (peers.length === 0) return [];
      const pairs = peers.map((peer) => pairOf(userId, peer));
      const rows = await database.$queryRaw<Friendship[]>`
        SELECT DISTINCT ON ("pair") * FROM "Friendship" WHERE "pair" IN (${Prisma.join(pairs)})
        ORDER BY "pair", (${isOpen}) DESC, "changedAtMs" DESC`;
      const byPair = new Map(rows.map((row) => [idKey(row.pair), toRecord(row)]));
      return pairs.map((pair) => byPair.get(idKey(pair)));
    },

    async findMany(ids) {
      const rows = await database.friendship.findMany({ where: { id: { in: ids.map(toBytes) } } });
      const byId = new Map(rows.map((row) => [idKey(row.id), toRecord(row)]));
      return ids.map((id) => byId.get(idKey(id)));
    },

    async insert(row) {
      await database.friendship.create({ data: toRow(row), select: { state: true } });
    },

    async update(row) {
      const { id, ...data } = toRow(row);
      await database.friendship.update({ where: { id }, data, select: { state: true } });
    },

    async list(userId, { states, direction, before, first, nowMs }) {
      const behind = before === undefined ? Prisma.empty : Prisma.sql`AND ("changedAtMs", "id") < (${BigInt(before.changedAtMs)}, ${toBytes(before.id)})`;
      const side = (column: Prisma.Sql): Prisma.Sql => Prisma.sql`
        (SELECT * FROM "Friendship"
         WHERE ${column} = ${toBytes(userId)} AND "state" IN (${Prisma.join(states)}) AND ("state" <> 'PENDING' OR "expiresAtMs" > ${BigInt(nowMs)}) ${behind}
         ORDER BY "changedAtMs" DESC, "id" DESC LIMIT ${first + 1})`;
      const sides = [
        ...(direction === "RECEIVED" ? [] : [side(Prisma.sql`"requester"`)]),
        ...(direction === "SENT" ? [] : [side(Prisma.sql`"accepter"`)]),
      ];
      const rows = await database.$queryRaw<Friendship[]>`
        SELECT * FROM (${Prisma.join(sides, " UNION ALL ")}) AS found ORDER BY "changedAtMs" DESC, "id" DESC LIMIT ${first + 1}`;
      return { rows: rows.slice(0, first).map(toRecord), hasMore: rows.length > first };
    },

    async listGoingOn(userId) {
      const id = toBytes(userId);
      const rows = await database.friendship.findMany({ where: { state: { in: ["ACCEPTED", "CONFIRMED"] }, OR: [{ requester: id }, { accepter: id }] } });
      return rows.map(toRecord);
    },

    async expireRequests(userId, nowMs) {
      const id = toBytes(userId);
      await database.friendship.updateMany({ where: { state: "PENDING", OR: [{ requester: id }, { accepter: id }] }, data: { state: "EXPIRED", changedAtMs: nowMs } });
    },

    async insertEdge({ reader, author, friendshipId, sinceSeq }) {
      await database.edge.create({
        data: { reader: toBytes(reader), author: toBytes(author), friendshipId: toBytes(friendshipId), sinceSeq: BigInt(sinceSeq) },
      });
    },

    async deleteEdges(a, b) {
      const [one, other] = [toBytes(a), toBytes(b)];
      await database.edge.deleteMany({ where: { OR: [{ reader: one, author: other }, { reader: other, author: one }] } });
    },

    async deleteEdgesOf(userId) {
      const id = toBytes(userId);
      await database.edge.deleteMany({ where: { OR: [{ reader: id }, { author: id }] } });
    },

    async hasEdge(reader, author) {
      return (await database.edge.count({ where: { reader: toBytes(reader), author: toBytes(author) } })) > 0;
    },

    async listAuthors(reader) {
      const rows = await database.$queryRaw<(Edge & { headSeq: bigint; endedEdges: number })[]>`
        SELECT e.*, c."seq" AS "headSeq", c."endedEdges" FROM "Edge" e JOIN "Chain" c ON c."author" = e."author" WHERE e."reader" = ${toBytes(reader)}`;
      return rows.map((row) => ({ ...toEdge(row), headSeq: Number(row.headSeq), endedEdges: row.endedEdges }));
    },

    async listReaders(author) {
      const rows = await database.edge.findMany({ where: { author: toBytes(author) } });
      return rows.map(toEdge);
    },

    async countFriends(userId) {
      const id = toBytes(userId);
      const friendships = await database.edge.groupBy({ by: ["friendshipId"], where: { OR: [{ reader: id }, { author: id }] } });
      return friendships.length;
    },

    async setGrantAsked(reader, author, askedMs) {
      const { count } = await database.edge.updateMany({
        where: { reader: toBytes(reader), author: toBytes(author), grantAskedMs: null },
        data: { grantAskedMs: BigInt(askedMs) },
      });
      return count > 0;
    },

    async clearGrantAsked(author, readers) {
      await database.edge.updateMany({
        where: { author: toBytes(author), reader: { in: readers.map(toBytes) }, grantAskedMs: { not: null } },
        data: { grantAskedMs: null },
      });
    },

    async insertEvents(kind, about) {
      if (about.length === 0) return [];
      const rows = about.map(({ userId, friendshipId }) => Prisma.sql`(${toBytes(userId)}::bytea, ${toBytes(friendshipId)}::bytea)`);
      const events = await database.$queryRaw<FriendshipEvent[]>`
        WITH about ("userId", "friendshipId") AS (VALUES ${Prisma.join(rows)}),
        numbered AS (
          UPDATE "User" SET "eventNumber" = "eventNumber" + 1 FROM about WHERE "User"."id" = about."userId"
          RETURNING "User"."id", "User"."eventNumber", about."friendshipId"
        )
        INSERT INTO "FriendshipEvent" ("userId", "number", "kind", "friendshipId")
        SELECT "id", "eventNumber", ${kind}, "friendshipId" FROM numbered RETURNING *`;
      return events.map(toEventRecord);
    },

    async listEvents(userId, after, first) {
      const where = { userId: toBytes(userId), number: { gt: BigInt(after) } };
      const rows = await database.friendshipEvent.findMany({ where, orderBy: { number: "asc" }, take: first });
      return rows.map(toEventRecord);
    },

    async deleteEvents(userId) {
      await database.friendshipEvent.deleteMany({ where: { userId: toBytes(userId) } });
    },
  };
}

/** The same for both orders of two people. */
function pairOf(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const [smaller, larger] = Buffer.compare(a, b) < 0 ? [a, b] : [b, a];
  return toBytes(concatBytes(smaller, larger));
}

function findRow([row]: Friendship[]): FriendshipRecordRow | undefined {
  return row === undefined ? undefined : toRecord(row);
}

function toRecord({ pair: _, ...row }: Friendship): FriendshipRecordRow {
  return {
    ...row,
    state: row.state as FriendshipState,
    createdAtMs: Number(row.createdAtMs),
    expiresAtMs: Number(row.expiresAtMs),
    changedAtMs: Number(row.changedAtMs),
    acceptRecord: fromNullable(row.acceptRecord, (record) => record),
    confirmRecord: fromNullable(row.confirmRecord, (record) => record),
    endRecord: fromNullable(row.endRecord, (record) => record),
  };
}

function toRow(row: FriendshipRecordRow): Friendship {
  return {
    id: toBytes(row.id),
    requester: toBytes(row.requester),
    accepter: toBytes(row.accepter),
    state: row.state,
    pair: pairOf(row.requester, row.accepter),
    createdAtMs: BigInt(row.createdAtMs),
    expiresAtMs: BigInt(row.expiresAtMs),
    changedAtMs: BigInt(row.changedAtMs),
    requestRecord: toBytes(row.requestRecord),
    acceptRecord: toNullable(row.acceptRecord, toBytes),
    confirmRecord: toNullable(row.confirmRecord, toBytes),
    endRecord: toNullable(row.endRecord, toBytes),
  };
}

function toEdge({ reader, author, friendshipId, sinceSeq }: Edge): EdgeRecord {
  return { reader, author, friendshipId, sinceSeq: Number(sinceSeq) };
}

function toEventRecord(row: FriendshipEvent): FriendshipEventRecord {
  return { ...row, number: Number(row.number), kind: row.kind as FriendshipEventKind };
}
