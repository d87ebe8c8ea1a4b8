import {
  createEpochPayload,
  createGrant,
  createThoughtEntry,
  deriveThoughtKey,
  generateBytes,
  openGrant,
  openThought,
  ready,
  verifyNextEntry,
} from "../../src/crypto/index.ts";
import { ENTRY_ID_BYTES, EpochReason, GrantKind } from "../../src/protocol/index.ts";
import { createPerson, type Person } from "../../test/support/person.ts";
import { bareMakeAndOpenGrant, bareVerifyAndOpen, bareWrite } from "./bare.ts";

export interface CryptoTask {
  name: string;
  /** How many calls of libsodium's primitives both sides make. */
  calls: number;
  ours(): void;
  bare(): void;
}

const TEXT = "A thought of the length that thoughts have: a sentence or two, and then somebody answers.";

export async function createCryptoTasks(): Promise<CryptoTask[]> {
  await ready();
  const [author, reader] = [createPerson(), createPerson()];
  return [verifyAndOpen(author), write(author), makeAndOpenGrant(author, reader)];
}

function verifyAndOpen(author: Person): CryptoTask {
  const thoughtKey = thoughtKeyOf(author);
  const { bytes } = createThought(author);
  const state = { author: author.userId, seq: 1, headHash: author.head.hash, epoch: 0, card: author.card, pendingReason2: false, commitments: epochOf(author) };
  return {
    name: "verify and open a thought",
    ...bareVerifyAndOpen(author, thoughtKey),
    ours: () => void openThought(thoughtKey, verifyNextEntry(state, bytes).entry),
  };
}

function write(author: Person): CryptoTask {
  return { name: "write a thought", ...bareWrite(author, thoughtKeyOf(author), TEXT), ours: () => void createThought(author) };
}

function makeAndOpenGrant(author: Person, reader: Person): CryptoTask {
  const { epochKey, epochCommitment, userId, cardHash, card, identity } = author;
  const given = { kind: GrantKind.HISTORY, key: epochKey, author: userId, authorCardHash: cardHash, signSecretKey: identity.sign.secretKey, n: 0, commitment: epochCommitment };
  const epoch = epochOf(author);
  const owner = { userId, card };
  return {
    name: "make and open a grant",
    ...bareMakeAndOpenGrant(author, reader),
    ours: () => {
      const grantBytes = createGrant({ ...given, recipientUserId: reader.userId, recipientCard: reader.card });
      openGrant({ grantBytes, recipient: reader, author: owner, epoch });
    },
  };
}

function createThought(author: Person): { bytes: Uint8Array } {
  const { identity, cardHash, userId, head } = author;
  const place = { author: userId, seq: 2, prev: head.hash, epoch: 0, timeMs: 1_800_000_000_000, entryId: generateBytes(ENTRY_ID_BYTES) };
  return createThoughtEntry({ ...place, identity, cardHash, thoughtKey: thoughtKeyOf(author), body: { v: 1, t: TEXT } });
}

const thoughtKeys = new WeakMap<Person, Uint8Array>();

function thoughtKeyOf(author: Person): Uint8Array {
  const known = thoughtKeys.get(author) ?? deriveThoughtKey(author.epochKey, author.userId, 0);
  thoughtKeys.set(author, known);
  return known;
}

function epochOf({ userId, epochKey }: Person) {
  return createEpochPayload({ author: userId, n: 0, key: epochKey, vaultMin: 1, reason: EpochReason.FIRST });
}
