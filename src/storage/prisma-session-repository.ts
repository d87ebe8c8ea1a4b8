import type { LoginAttemptRecord, SessionRecord, SessionRepository } from "../domain/ports/index.ts";
import { toBytes, toNullable } from "./columns.ts";
import type { LoginAttempt, Session } from "./generated/client.ts";
import type { Database } from "./prisma-client.ts";
import type { RunStatement } from "./statements.ts";

/** Open sessions, and logins between their two steps. */
export function createSessionRepository(database: Database, run: RunStatement): SessionRepository {
  return {
    async insert(session) {
      const data = {
        ...session,
        id: toBytes(session.id),
        userId: toBytes(session.userId),
        refreshHash: toBytes(session.refreshHash),
        previousRefreshHash: toNullable(session.previousRefreshHash, toBytes),
      };
      await database.session.create({ data, select: { id: true } });
    },

    async find(id) {
      const [row] = await run<Session>({ name: "session", text: `SELECT * FROM "Session" WHERE "id" = $1`, values: [toBytes(id)] });
      return row && toSession(row);
    },

    async list(userId) {
      const rows = await database.session.findMany({
        where: { userId: toBytes(userId) },
        orderBy: [{ createdAtMs: "desc" }, { id: "desc" }],
      });
      return rows.map(toSession);
    },

    async listOpen(ids) {
      const rows = await database.session.findMany({ where: { id: { in: ids.map(toBytes) } }, select: { id: true } });
      return rows.map(({ id }) => id);
    },

    async advance(id, expectedHash, { counter, hash, refreshedAtMs }) {
      const { count } = await database.session.updateMany({
        where: { id: toBytes(id), refreshHash: toBytes(expectedHash) },
        data: { refreshCounter: counter, refreshHash: toBytes(hash), previousRefreshHash: toBytes(expectedHash), refreshedAtMs },
      });
      return count === 1;
    },

    async delete(id) {
      const { count } = await database.session.deleteMany({ where: { id: toBytes(id) } });
      return count === 1;
    },

    async deleteAll(userId, except) {
      const rows = await database.$queryRaw<{ id: Uint8Array }[]>`
        DELETE FROM "Session" WHERE "userId" = ${toBytes(userId)} AND id IS DISTINCT FROM ${toNullable(except, toBytes)} RETURNING id`;
      return rows.map(({ id }) => id);
    },

    async insertLoginAttempt({ id, user, serverState, expiresAtMs }) {
      const data = {
        id: toBytes(id),
        userId: toNullable(user?.id, toBytes),
        wrapVersion: user?.wrapVersion ?? null,
        serverState,
        expiresAtMs,
      };
      await database.loginAttempt.create({ data, select: { id: true } });
    },

    async takeLoginAttempt(id) {
      const rows = await database.$queryRaw<LoginAttempt[]>`DELETE FROM "LoginAttempt" WHERE id = ${toBytes(id)} RETURNING *`;
      return rows[0] && toLoginAttempt(rows[0]);
    },

    async deleteExpiredLoginAttempts(nowMs) {
      await database.loginAttempt.deleteMany({ where: { expiresAtMs: { lte: nowMs } } });
    },

    async deleteLoginAttemptsOf(userId) {
      await database.loginAttempt.deleteMany({ where: { userId: toBytes(userId) } });
    },
  };
}

function toSession(row: Session): SessionRecord {
  return {
    id: row.id,
    userId: row.userId,
    deviceName: row.deviceName,
    createdAtMs: Number(row.createdAtMs),
    refreshedAtMs: Number(row.refreshedAtMs),
    refreshCounter: row.refreshCounter,
    refreshHash: row.refreshHash,
    previousRefreshHash: row.previousRefreshHash ?? undefined,
  };
}

function toLoginAttempt({ id, userId, wrapVersion, serverState, expiresAtMs }: LoginAttempt): LoginAttemptRecord {
  const user = userId === null || wrapVersion === null ? undefined : { id: userId, wrapVersion };
  return { id, user, serverState, expiresAtMs: Number(expiresAtMs) };
}
