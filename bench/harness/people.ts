import { generateBytes } from "../../src/crypto/index.ts";
import { appendGenesis, verifyGenesis } from "../../src/domain/chain/genesis.ts";
import type { FriendshipRecordRow, Repositories } from "../../src/domain/ports/index.ts";
import { openSession } from "../../src/domain/sessions/open-session.ts";
import { KEY_BYTES, REQUEST_ID_BYTES } from "../../src/protocol/index.ts";
import { createPerson, createVault, type Person, selfGrantOf } from "../../test/support/person.ts";
import { inParallel } from "./in-parallel.ts";
import { clock, type Store } from "./store.ts";

const WRAP_BYTES = 105;
const DAY_MS = 86_400_000;

/** Somebody with real keys and a stored beginning of a chain, who is signed in. No password was registered: that takes a second each. */
export interface Member extends Person {
  token: string;
}

/** Stores that many people, each with a session. */
export function createMembers(store: Store, count: number): Promise<Member[]> {
  return inParallel(count, () => createMember(store));
}

/** Makes the author and each reader friends: what the relay has after request, accept and confirm. */
export async function befriend(store: Store, author: Person, readers: Person[]): Promise<void> {
  await inParallel(readers.length, async (index) => {
    const reader = readers[index] as Person;
    await store.unitOfWork.run(({ friendships }) => insertFriendship(friendships, author, reader));
  });
}

async function createMember(store: Store): Promise<Member> {
  const person = createPerson();
  const tools = { receiptSigner: store.receiptSigner, clock, restorations: 0 };
  const { userId } = person;
  const { session } = await store.unitOfWork.run(async (repositories) => {
    const genesis = verifyGenesis(person.entries, selfGrantOf(person));
    await repositories.users.insert({
      ...{ id: userId, username: `${person.username}_${process.pid}`, createdAtMs: clock.nowMs(), disabledAtMs: undefined, deletedAtMs: undefined, cardVersion: 1, cardHash: person.cardHash },
      ...{ listedByEmail: false, eventNumber: 0, emailHash: undefined, registrationRecord: "none", wrapVersion: 1, recoveryWrapVersion: 1 },
      passwordWrap: new Uint8Array(WRAP_BYTES),
      recoveryWrap: new Uint8Array(WRAP_BYTES),
      recoveryVerifier: new Uint8Array(KEY_BYTES),
    });
    await appendGenesis(repositories, tools, genesis);
    const { manifest, items } = createVault(person, { items: [1] });
    await repositories.vaults.insert(userId, { version: 1, manifest, items });
    return openSession(repositories, { tokens: store.tokens, clock, random: { bytes: generateBytes } }, userId, "bench");
  });
  const { accessToken } = await store.tokens.issueAccessToken(userId, session.id, clock.nowMs());
  return { ...person, token: accessToken };
}

async function insertFriendship(friendships: Repositories["friendships"], author: Person, reader: Person): Promise<void> {
  const nowMs = clock.nowMs();
  const id = generateBytes(KEY_BYTES);
  const row: FriendshipRecordRow = {
    ...{ id, requester: author.userId, accepter: reader.userId, state: "CONFIRMED", createdAtMs: nowMs, expiresAtMs: nowMs + DAY_MS, changedAtMs: nowMs },
    ...{ requestRecord: generateBytes(REQUEST_ID_BYTES), acceptRecord: generateBytes(REQUEST_ID_BYTES), confirmRecord: generateBytes(REQUEST_ID_BYTES), endRecord: undefined },
  };
  await friendships.insert(row);
  await friendships.insertEdge({ reader: reader.userId, author: author.userId, friendshipId: id, sinceSeq: 1 });
  await friendships.insertEdge({ reader: author.userId, author: reader.userId, friendshipId: id, sinceSeq: 1 });
}
