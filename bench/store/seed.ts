import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createThoughtEntry, deriveThoughtKey, generateBytes, ready } from "../../src/crypto/index.ts";
import { appendGenesis, verifyGenesis } from "../../src/domain/chain/genesis.ts";
import type { TokenIssuer, UnitOfWork } from "../../src/domain/ports/index.ts";
import { encodeBase64url, HASH_BYTES } from "../../src/protocol/index.ts";
import { createReceiptSigner } from "../../src/server/keys/receipt-signer.ts";
import { parseRelayKeys, type RelayKeys } from "../../src/server/keys/relay-keys.ts";
import { createTokenIssuer } from "../../src/server/keys/token-issuer.ts";
import { createPrismaClient } from "../../src/storage/prisma-client.ts";
import { createUnitOfWork } from "../../src/storage/unit-of-work.ts";
import { createPerson, type Person, selfGrantOf } from "../../test/support/person.ts";
import { systemClock } from "../../test/support/quiet.ts";
import type { DatabaseAddress } from "./database-server.ts";

/** Somebody who is registered and signed in. */
export interface Seeded {
  person: Person;
  accessToken: string;
}

const SESSION_ID_BYTES = 16;
const TOKEN_PARTY = "peerbrain-relay";

export async function readRelayKeys(dataFolder: string): Promise<RelayKeys> {
  await ready();
  return parseRelayKeys(await readFile(`${dataFolder}/relay.keys`, "utf8"));
}

/** As the relay issues them. */
export function createRelayTokens(keys: RelayKeys, accessTokenSeconds = 3_600): TokenIssuer {
  return createTokenIssuer({ keys: keys.tokenKeys, refreshSecret: keys.refreshSecret, issuer: TOKEN_PARTY, audience: TOKEN_PARTY, accessTokenSeconds });
}

/** The storage layer on a database, for as long as `work` takes. */
export async function withStore<T>(address: DatabaseAddress, work: (store: UnitOfWork) => Promise<T>): Promise<T> {
  const prisma = createPrismaClient({ ...address, max: 8 });
  try {
    return await work(createUnitOfWork(prisma));
  } finally {
    await prisma.$disconnect();
  }
}

/** People with a chain, a vault and a session, stored as the relay's own rules store them. A password they have not. */
export async function seedPeople(store: UnitOfWork, keys: RelayKeys, count: number): Promise<Seeded[]> {
  const tokens = createRelayTokens(keys);
  const seeded: Seeded[] = [];
  for (let index = 0; index < count; index += 1) {
    const person = createPerson();
    const sessionId = new Uint8Array(randomBytes(SESSION_ID_BYTES));
    await store.run((repositories) => storePerson(repositories, keys, person, sessionId));
    const { accessToken } = await tokens.issueAccessToken(person.userId, sessionId, systemClock.nowMs());
    seeded.push({ person, accessToken });
  }
  return seeded;
}

async function storePerson(repositories: UnitOfWork["repositories"], keys: RelayKeys, person: Person, sessionId: Uint8Array): Promise<void> {
  const genesis = verifyGenesis(person.entries, selfGrantOf(person));
  const nowMs = systemClock.nowMs();
  const wrap = generateBytes(HASH_BYTES);
  await repositories.users.insert({
    id: person.userId, username: person.username, createdAtMs: nowMs, disabledAtMs: undefined, deletedAtMs: undefined, cardVersion: 1, cardHash: person.cardHash,
    listedByEmail: false, eventNumber: 0, registrationRecord: "", passwordWrap: wrap, wrapVersion: 1, recoveryWrap: wrap, recoveryWrapVersion: 1,
    recoveryVerifier: wrap, emailHash: undefined,
  });
  await appendGenesis(repositories, { receiptSigner: createReceiptSigner(keys.receiptSeed), clock: systemClock, restorations: 0 }, genesis);
  await repositories.sessions.insert({
    id: sessionId, userId: person.userId, deviceName: "bench", createdAtMs: nowMs, refreshedAtMs: nowMs, refreshCounter: 0,
    refreshHash: generateBytes(HASH_BYTES), previousRefreshHash: undefined,
  });
}

/** The next thoughts of a person's chain, signed, in base64url. */
export function signThoughts({ userId, identity, cardHash, epochKey, head }: Person, count: number): string[] {
  const thoughtKey = deriveThoughtKey(epochKey, userId, 0);
  const signed: string[] = [];
  let { seq, hash: prev } = head;
  for (let index = 0; index < count; index += 1) {
    seq += 1;
    const place = { author: userId, seq, prev, epoch: 0, entryId: generateBytes(16), timeMs: systemClock.nowMs() };
    const entry = createThoughtEntry({ ...place, identity, cardHash, thoughtKey, body: { v: 1, t: `a thought of some length, the ${index}th, as people write them in the evening` } });
    signed.push(encodeBase64url(entry.bytes));
    prev = entry.entryHash;
  }
  return signed;
}
