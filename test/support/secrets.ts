import { encodeBase64url, EntryType } from "../../src/protocol/index.ts";
import { type Cast, type Role, ROLES } from "./cast.ts";
import type { KeptDatabase } from "./kept-database.ts";

const columns: Record<string, string[]> = {
  thoughts: [`SELECT "payload" AS value FROM "Entry" WHERE "author" = $1 AND "type" = ${EntryType.THOUGHT}`],
  epochs: [`SELECT "payload" AS value FROM "Entry" WHERE "author" = $1 AND "type" = ${EntryType.EPOCH}`],
  receipts: ['SELECT "receipt" AS value FROM "Entry" WHERE "author" = $1'],
  vault: ['SELECT "manifest" AS value FROM "Vault" WHERE "userId" = $1', 'SELECT "sealed" AS value FROM "VaultItem" WHERE "userId" = $1'],
  sessions: ['SELECT "id" AS value FROM "Session" WHERE "userId" = $1', `SELECT "deviceName" AS value FROM "Session" WHERE "userId" = $1 AND "deviceName" LIKE '%Alice'`],
  credentials: [
    'SELECT unnest(ARRAY["passwordWrap", "recoveryWrap", "recoveryVerifier", "emailHash"]) AS value FROM "User" WHERE "id" = $1',
    'SELECT "registrationRecord" AS value FROM "User" WHERE "id" = $1',
    'SELECT "refreshHash" AS value FROM "Session" WHERE "userId" = $1',
  ],
};

/** What is Alice's and not everybody's, by name, as it would stand in an answer. Read from the rows and not through the API. */
export async function secretsOf(database: KeptDatabase, { alice, emailHash, friendshipOf, memberOf }: Cast): Promise<Record<string, string[]>> {
  const read = async (statement: string, ...values: Uint8Array[]): Promise<string[]> => {
    const rows = await database.query(statement, [alice.userId, ...values].map((value) => Buffer.from(value)));
    return rows.map(({ value }) => (value instanceof Uint8Array ? encodeBase64url(value) : String(value)));
  };
  const found: Record<string, string[]> = { "e-mail address": [encodeBase64url(emailHash)] };
  for (const [name, statements] of Object.entries(columns)) {
    found[name] = [];
    for (const statement of statements) found[name].push(...(await read(statement)));
  }
  for (const role of ROLES) {
    const statement = 'SELECT unnest(ARRAY["id", "requestRecord"]) AS value FROM "Friendship" WHERE $1 IN ("requester", "accepter") AND $2 IN ("requester", "accepter") AND "id" = $3';
    found[`friendship with ${role}`] = await read(statement, memberOf(role).userId, friendshipOf(role));
    found[`grant to ${role}`] = await read('SELECT "bytes" AS value FROM "Grant" WHERE "author" = $1 AND "recipient" = $2', memberOf(role).userId);
  }
  // Nobody is the friend before signing in, and Alice is no friend of hers.
  const misnamed = ["friendship with nobody", "grant to nobody", "friendship with owner"];
  return Object.fromEntries(Object.entries(found).filter(([name, values]) => values.length > 0 && !misnamed.includes(name)));
}

/** The names of the secrets of which anything stands in a text. */
export function secretsIn(text: string, secrets: Record<string, string[]>): string[] {
  return Object.keys(secrets).filter((name) => secrets[name]?.some((value) => text.includes(value)));
}

/** Which of Alice's secrets a role may come by. */
export const entitled: Record<Role, string[]> = {
  nobody: [],
  stranger: [],
  pendingRequester: ["friendship with pendingRequester"],
  pendingAccepter: ["friendship with pendingAccepter"],
  acceptedRequester: ["thoughts", "epochs", "receipts", "friendship with acceptedRequester", "grant to acceptedRequester"],
  acceptedAccepter: ["friendship with acceptedAccepter"],
  friend: ["thoughts", "epochs", "receipts", "friendship with friend", "grant to friend"],
  exFriend: ["friendship with exFriend"],
  owner: [
    "thoughts", "epochs", "receipts", "vault", "sessions", "grant to owner",
    "friendship with pendingRequester", "friendship with pendingAccepter", "friendship with acceptedRequester",
    "friendship with acceptedAccepter", "friendship with friend", "friendship with exFriend",
  ],
};

/** What nobody ever reads in the answer to a query, not even Alice. */
export const neverTold = ["credentials", "e-mail address"];
