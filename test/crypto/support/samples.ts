import {
  createFriendRequest,
  createGrant,
  createManifest,
  friendshipIdOf,
  generateRequestId,
  type FriendshipRecordInput,
} from "../../../src/crypto/index.ts";
import { createCheckpoint, createReceipt, deriveReceiptKey, generateReceiptSeed } from "../../../src/crypto/relay/index.ts";
import {
  GrantKind,
  parseFriendRequest,
  type FriendRequestFields,
  type ManifestFields,
} from "../../../src/protocol/index.ts";
import { filled } from "./bytes.ts";
import type { ChainWriter } from "./chain-writer.ts";
import type { Person } from "./person.ts";

const NOW_MS = 1_700_000_000_000;

function requestFields(from: Person, to: Person): FriendRequestFields {
  return {
    from: from.userId,
    to: to.userId,
    fromCardHash: from.cardHash,
    toCardHash: to.cardHash,
    requestId: generateRequestId(),
    createdMs: NOW_MS,
    expiresMs: NOW_MS + 86_400_000,
  };
}

export function signRequest(from: Person, to: Person, overrides: Partial<FriendRequestFields> = {}): Uint8Array {
  return createFriendRequest({ ...requestFields(from, to), ...overrides, signSecretKey: from.identity.sign.secretKey });
}

/** What signer signs about the friendship that the request asks for. */
export function recordInput(request: Uint8Array, signer: Person, peer: Person): FriendshipRecordInput {
  return {
    fid: friendshipIdOf(parseFriendRequest(request)),
    signer: signer.userId,
    signerCardHash: signer.cardHash,
    peer: peer.userId,
    peerCardHash: peer.cardHash,
    signSecretKey: signer.identity.sign.secretKey,
  };
}

/** The author's newest key for the recipient; overrides let a test grant something else. */
export function grantTo(
  chain: ChainWriter,
  recipient: Person,
  overrides: Partial<Parameters<typeof createGrant>[0]> = {},
): Uint8Array {
  const { person } = chain;
  const n = overrides.n ?? chain.keys.length - 1;
  const kind = overrides.kind ?? GrantKind.HISTORY;
  return createGrant({
    kind,
    key: kind === GrantKind.HISTORY ? chain.key : chain.thoughtKey,
    author: person.userId,
    authorCardHash: person.cardHash,
    signSecretKey: person.identity.sign.secretKey,
    recipientUserId: recipient.userId,
    recipientCard: recipient.card,
    n,
    commitment: chain.epochs[n]?.commitment ?? filled(32, 0),
    ...overrides,
  });
}

export function manifestFields(person: Person, overrides: Partial<ManifestFields> = {}): ManifestFields {
  return {
    userId: person.userId,
    vaultVersion: 3,
    previousManifestHash: filled(32, 7),
    headSeq: 9,
    headHash: filled(32, 8),
    items: [1, 2, 4].map((item) => ({ item, itemVersion: 3, itemHash: filled(32, item) })),
    ...overrides,
  };
}

export function signManifest(person: Person, overrides: Partial<ManifestFields> = {}): Uint8Array {
  return createManifest(person.identity.sign.secretKey, manifestFields(person, overrides)).bytes;
}

export const relayKey = () => deriveReceiptKey(generateReceiptSeed());

export function signReceipt(secretKey: Uint8Array): Uint8Array {
  return createReceipt(secretKey, { entryHash: filled(32, 1), author: filled(32, 2), seq: 3, relayMs: NOW_MS });
}

export function signCheckpoint(relay: ReturnType<typeof relayKey>): Uint8Array {
  return createCheckpoint(relay, { size: 5, root: filled(32, 3), relayMs: NOW_MS });
}
