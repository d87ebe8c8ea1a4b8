import { EntryType } from "../protocol/index.ts";
import { toBytes } from "./columns.ts";
import { Prisma } from "./generated/client.ts";
import type { DatabaseClient } from "./prisma-client.ts";

/** A user as whoever runs the relay sees them. */
export interface OperatorsUser {
  id: Uint8Array;
  username: string;
  createdAtMs: number;
  disabledAtMs: number | null;
  deletedAtMs: number | null;
  sessions: number;
  /** When a session was last renewed; null without a session. */
  seenAtMs: number | null;
  friends: number;
  entries: number;
  /** Of entries, grants and the vault. */
  bytes: number;
}

/** What a relay holds. Sizes are bytes. */
export interface Statistics {
  users: number;
  /** Of these, those whose account is deleted. */
  deletedUsers: number;
  disabledUsers: number;
  sessions: number;
  friendships: number;
  openRequests: number;
  entries: number;
  thoughts: number;
  withdrawnThoughts: number;
  entryBytes: number;
  grants: number;
  grantBytes: number;
  vaultBytes: number;
  keyLogLeaves: number;
  databaseBytes: number;
}

/** Users whose name holds `search`, in order of name, after `afterUsername`. */
export async function listOperatorsUsers(database: DatabaseClient, { search, afterUsername, first }: { search: string; afterUsername: string; first: number }): Promise<OperatorsUser[]> {
  return database.$queryRaw<OperatorsUser[]>`
    SELECT person.id, username, person."createdAtMs"::float8 AS "createdAtMs", "disabledAtMs"::float8 AS "disabledAtMs", "deletedAtMs"::float8 AS "deletedAtMs",
      (SELECT count(*)::int FROM "Session" WHERE "userId" = person.id) AS sessions,
      (SELECT max("refreshedAtMs")::float8 FROM "Session" WHERE "userId" = person.id) AS "seenAtMs",
      (SELECT count(*)::int FROM "Edge" WHERE author = person.id) AS friends,
      entries.count AS entries,
      (entries.bytes + (SELECT coalesce(sum(length(bytes)), 0) FROM "Grant" WHERE author = person.id)
        + (SELECT coalesce(sum(length(sealed)), 0) FROM "VaultItem" WHERE "userId" = person.id))::float8 AS bytes
    FROM "User" AS person,
      LATERAL (SELECT count(*)::int, coalesce(sum(length("signedHeader") + coalesce(length(payload), 0)), 0) AS bytes FROM "Entry" WHERE author = person.id) AS entries
    WHERE position(${search} IN username) > 0 AND username > ${afterUsername} ORDER BY username LIMIT ${first}`;
}

export async function findUserId(database: DatabaseClient, username: string): Promise<Uint8Array | undefined> {
  const row = await database.user.findUnique({ where: { username }, select: { id: true } });
  return row === null ? undefined : toBytes(row.id);
}

export async function readStatistics(database: DatabaseClient): Promise<Statistics> {
  const count = (table: string, condition = "true") => Prisma.raw(`(SELECT count(*) FROM "${table}" WHERE ${condition})::float8`);
  const bytes = (table: string, columns: string) => Prisma.raw(`(SELECT coalesce(sum(${columns}), 0) FROM "${table}")::float8`);
  const [statistics] = await database.$queryRaw<Statistics[]>`
    SELECT ${count("User")} AS users, ${count("User", '"deletedAtMs" IS NOT NULL')} AS "deletedUsers", ${count("User", '"disabledAtMs" IS NOT NULL')} AS "disabledUsers", ${count("Session")} AS sessions,
      ${count("Friendship", "state IN ('ACCEPTED', 'CONFIRMED')")} AS friendships, ${count("Friendship", "state = 'PENDING'")} AS "openRequests",
      ${count("Entry")} AS entries, ${count("Entry", `type = ${EntryType.THOUGHT} AND payload IS NOT NULL`)} AS thoughts,
      ${count("Entry", `type = ${EntryType.THOUGHT} AND payload IS NULL`)} AS "withdrawnThoughts",
      ${bytes("Entry", 'length("signedHeader") + coalesce(length(payload), 0)')} AS "entryBytes",
      ${count("Grant")} AS grants, ${bytes("Grant", "length(bytes)")} AS "grantBytes", ${bytes("VaultItem", "length(sealed)")} AS "vaultBytes",
      ${count("KeyLogLeaf")} AS "keyLogLeaves", pg_database_size(current_database())::float8 AS "databaseBytes"`;
  if (statistics === undefined) throw new Error("a statement without an answer");
  return statistics;
}
