import { DomainError } from "../domain/domain-error.ts";
import { type CardRecord, type Credentials, MAX_CARDS, type UserRecord, type UserRepository } from "../domain/ports/index.ts";
import { equalBytes, idKey } from "../protocol/index.ts";
import { fromNullable, toBytes, toNullable } from "./columns.ts";
import { type Card, Prisma, type User } from "./generated/client.ts";
import type { Database } from "./prisma-client.ts";
import { brokenUniqueness } from "./storage-error.ts";

const LAST_WRAP_VERSION = 2 ** 31 - 1;
/** What opens nothing and is replaced by nothing: no version of the wraps follows the last one. */
const NO_CREDENTIALS: Credentials = {
  registrationRecord: "",
  passwordWrap: new Uint8Array(),
  wrapVersion: LAST_WRAP_VERSION,
  recoveryWrap: new Uint8Array(),
  recoveryWrapVersion: LAST_WRAP_VERSION,
  recoveryVerifier: new Uint8Array(),
};
/** Above every character that a user name may hold. */
const AFTER_ALL_NAMES = "~";

/** Users, their cards in order, and what opens their master key. */
export function createUserRepository(database: Database): UserRepository {
  return {
    async findById(id) {
      const row = await database.user.findUnique({ where: { id: toBytes(id) } });
      return fromNullable(row, toUser);
    },

    async findMany(ids) {
      const rows = await database.user.findMany({ where: { id: { in: ids.map(toBytes) } } });
      const users = new Map(rows.map((row) => [idKey(row.id), toUser(row)]));
      return ids.map((id) => users.get(idKey(id)));
    },

    async findByUsername(username) {
      const row = await database.user.findUnique({ where: { username } });
      return fromNullable(row, toUser);
    },

    async findByEmailHash(emailHash) {
      const row = await database.user.findUnique({ where: { emailHash: toBytes(emailHash), disabledAtMs: null } });
      return fromNullable(row, toUser);
    },

    async list({ prefix, afterUsername, first }) {
      const rows = await database.user.findMany({
        where: {
          disabledAtMs: null,
          deletedAtMs: null,
          username: { gte: prefix, lt: prefix + AFTER_ALL_NAMES, ...(afterUsername !== undefined && { gt: afterUsername }) },
        },
        orderBy: { username: "asc" },
        take: first + 1,
      });
      return { rows: rows.slice(0, first).map(toUser), hasMore: rows.length > first };
    },

    async insert({ listedByEmail: _, ...user }) {
      const data = {
        ...user,
        ...toCredentialColumns(user),
        id: toBytes(user.id),
        disabledAtMs: user.disabledAtMs ?? null,
        deletedAtMs: user.deletedAtMs ?? null,
        cardHash: toBytes(user.cardHash),
        emailHash: toNullable(user.emailHash, toBytes),
      };
      await refusingTaken(database.user.create({ data, select: { id: true } }));
    },

    async getCredentials(id) {
      const row = await database.user.findUniqueOrThrow({ where: { id: toBytes(id) } });
      return toCredentials(row);
    },

    async replaceCredentials(id, expectedWrapVersion, credentials) {
      const { count } = await database.user.updateMany({
        where: { id: toBytes(id), wrapVersion: expectedWrapVersion },
        data: toCredentialColumns(credentials),
      });
      return count === 1;
    },

    async setEmailHash(id, emailHash) {
      const data = { emailHash: toNullable(emailHash, toBytes) };
      await refusingTaken(database.user.updateMany({ where: { id: toBytes(id), deletedAtMs: null }, data }));
    },

    async setDisabled(id, disabledAtMs) {
      await database.user.update({ where: { id: toBytes(id) }, data: { disabledAtMs: disabledAtMs ?? null }, select: { id: true } });
    },

    async markDeleted(id, deletedAtMs) {
      await database.user.update({ where: { id: toBytes(id) }, data: { ...toCredentialColumns(NO_CREDENTIALS), emailHash: null, deletedAtMs }, select: { id: true } });
    },

    async listCards(ids) {
      const rows = await database.card.findMany({
        where: { userId: { in: ids.map(toBytes) }, version: { lte: MAX_CARDS } },
        orderBy: { version: "asc" },
      });
      return ids.map((id) => rows.filter(({ userId }) => equalBytes(userId, id)).map(toCard));
    },

    async findCurrentCards(ids) {
      if (ids.length === 0) return [];
      const rows = await database.$queryRaw<Card[]>`
        SELECT card.* FROM "User" AS owner JOIN "Card" AS card ON card."userId" = owner.id AND card.version = owner."cardVersion"
        WHERE owner.id IN (${Prisma.join(ids.map(toBytes))})`;
      const cards = new Map(rows.map((row) => [idKey(row.userId), toCard(row)]));
      return ids.map((id) => cards.get(idKey(id)));
    },

    async insertCard({ userId, version, hash, bytes }) {
      const data = { userId: toBytes(userId), version, hash: toBytes(hash), bytes: toBytes(bytes) };
      await database.card.create({ data, select: { version: true } });
      await database.user.update({ where: { id: data.userId }, data: { cardVersion: version, cardHash: data.hash }, select: { id: true } });
    },

    async lock(ids) {
      if (ids.length === 0) return;
      await database.$queryRaw`SELECT 1 FROM "User" WHERE id IN (${Prisma.join(ids.map(toBytes))}) ORDER BY id FOR UPDATE`;
    },
  };
}

const takenTexts = {
  USER_EXISTS: "A user with this identity is registered already: log in, or register with a new identity.",
  USERNAME_TAKEN: "This user name is taken: choose another one.",
  EMAIL_TAKEN: "Another user is listed under this e-mail address: leave it out or choose another one.",
} as const;

const takenByIndex: Record<string, keyof typeof takenTexts> = {
  User_pkey: "USER_EXISTS",
  User_username_key: "USERNAME_TAKEN",
  User_emailHash_key: "EMAIL_TAKEN",
};

async function refusingTaken(statement: PromiseLike<unknown>): Promise<void> {
  try {
    await statement;
  } catch (error) {
    const code = takenByIndex[brokenUniqueness(error) ?? ""];
    throw code ? new DomainError(code, takenTexts[code]) : error;
  }
}

function toUser(row: User): UserRecord {
  return {
    id: row.id,
    username: row.username,
    createdAtMs: Number(row.createdAtMs),
    disabledAtMs: fromNullable(row.disabledAtMs, Number),
    deletedAtMs: fromNullable(row.deletedAtMs, Number),
    cardVersion: row.cardVersion,
    cardHash: row.cardHash,
    listedByEmail: row.emailHash !== null,
    eventNumber: Number(row.eventNumber),
  };
}

function toCard({ userId, version, hash, bytes }: Card): CardRecord {
  return { userId, version, hash, bytes };
}

function toCredentials(row: User): Credentials {
  const { registrationRecord, passwordWrap, wrapVersion, recoveryWrap, recoveryWrapVersion, recoveryVerifier } = row;
  return { registrationRecord, passwordWrap, wrapVersion, recoveryWrap, recoveryWrapVersion, recoveryVerifier };
}

function toCredentialColumns(credentials: Credentials) {
  return {
    registrationRecord: credentials.registrationRecord,
    passwordWrap: toBytes(credentials.passwordWrap),
    wrapVersion: credentials.wrapVersion,
    recoveryWrap: toBytes(credentials.recoveryWrap),
    recoveryWrapVersion: credentials.recoveryWrapVersion,
    recoveryVerifier: toBytes(credentials.recoveryVerifier),
  };
}
