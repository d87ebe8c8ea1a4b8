import { createAccept, createForkProof, createReceiptConflict } from "../../../src/crypto/index.ts";
import { createReceipt } from "../../../src/crypto/relay/index.ts";
import * as p from "../../../src/protocol/index.ts";
import { filled } from "./bytes.ts";
import { ChainWriter } from "./chain-writer.ts";
import { createPerson, withNextCard, type Person } from "./person.ts";
import { grantTo, recordInput, relayKey, signCheckpoint, signManifest, signReceipt, signRequest } from "./samples.ts";

/** A format with examples of it, its parser, and its encoder where the bytes follow from the fields alone. */
export interface Format {
  name: string;
  samples: Uint8Array[];
  parse(bytes: Uint8Array): unknown;
  /** The encoded prefix of what the parser understood. */
  reencode?(bytes: Uint8Array): Uint8Array;
}

export const ids = { hash: filled(32, 5), other: filled(32, 6) };

export function vaultFormats(card: Uint8Array): Format[] {
  const identity: p.VaultIdentity = {
    cards: [{ cardVersion: 1, createdMs: 5, signSeed: filled(32, 1), boxSeed: filled(32, 2), kemSeed: filled(64, 3), card }],
  };
  const friends: p.VaultFriends = {
    friends: [
      { userId: ids.hash, cardHash: ids.other, verified: false, kind: 1, state: "CONFIRMED", fid: ids.hash },
      {
        userId: ids.hash,
        username: "bob",
        cardHash: ids.other,
        verified: true,
        kind: 2,
        state: "PENDING_IN",
        fid: ids.hash,
        request: filled(226, 1),
        expiresMs: 77,
        position: { seq: 4, hash: ids.hash },
      },
    ],
    ended: [ids.other],
  };
  const settings: p.VaultSettings = {
    relayReceiptKey: ids.hash,
    relayLoginKey: ids.other,
    newestEpoch: { n: 3, key: ids.hash },
  };
  const rotation = { n: 4, key: ids.hash, entryId: filled(16, 1), reason: 1 as const, recipients: [ids.hash], excluded: [] };
  const pending: p.VaultPending[] = [
    { abandoned: [] },
    { rotation, abandoned: [ids.hash], inFlight: { seq: 8, hash: ids.other } },
    { rotation: { ...rotation, endedFid: ids.other }, abandoned: [] },
  ];
  return [
    { name: "vault identity", samples: [p.encodeVaultIdentity(identity)], parse: p.parseVaultIdentity },
    { name: "vault friends", samples: [p.encodeVaultFriends(friends)], parse: p.parseVaultFriends },
    { name: "vault settings", samples: [settings, { ...settings, log: filled(146, 1) }].map(p.encodeVaultSettings), parse: p.parseVaultSettings },
    { name: "vault pending", samples: pending.map(p.encodeVaultPending), parse: p.parseVaultPending },
  ];
}

const splitProof = (path: Uint8Array[]): Uint8Array => p.encodeSplitProof({ older: signCheckpoint(relayKey()), newer: signCheckpoint(relayKey()), path });

/** Every format with its samples; libsodium has to be ready. */
export function allFormats(): Format[] {
  const alice = createPerson();
  const bob = createPerson();
  const chain = ChainWriter.begin(alice);
  const thought = chain.think("hello");
  const heal = p.encodeHealPayload([ids.hash, ids.other]);
  const beacon = p.encodeBeaconPayload([filled(101, 1)]);
  chain.withdraw(thought.entryHash);
  chain.append(p.EntryType.HEAL, heal);
  chain.append(p.EntryType.BEACON, beacon);
  chain.append(p.EntryType.REVOKE, filled(40, 1));
  chain.rotate();
  chain.changeCard();
  chain.rotate(p.EpochReason.CARD_CHANGED);
  const request = signRequest(alice, bob);
  return [
    {
      name: "card",
      samples: [alice.card.bytes, withNextCard(alice).card.bytes],
      parse: p.parseCard,
      reencode: (bytes) => p.encodeCardBody(p.parseCard(bytes)),
    },
    {
      name: "entry",
      samples: chain.bytes,
      parse: p.parseEntry,
      reencode: (bytes) => {
        const entry = p.parseEntry(bytes);
        return p.encodeEntryHeader(p.encodeEntryPre(entry), entry.payloadLength, entry.payloadHash);
      },
    },
    { name: "withdrawn entry", samples: [thought.bytes.subarray(0, 234)], parse: p.parseWithdrawnEntry },
    {
      name: "epoch payload",
      samples: chain.epochs.map(p.encodeEpochPayload),
      parse: p.parseEpochPayload,
      reencode: (bytes) => p.encodeEpochPayload(p.parseEpochPayload(bytes)),
    },
    { name: "tombstone payload", samples: [p.encodeTombstonePayload(ids.hash)], parse: p.parseTombstonePayload },
    {
      name: "heal payload",
      samples: [heal],
      parse: p.parseHealPayload,
      reencode: (bytes) => p.encodeHealPayload(p.parseHealPayload(bytes)),
    },
    {
      name: "beacon payload",
      samples: [beacon, p.encodeBeaconPayload([])],
      parse: p.parseBeaconPayload,
      reencode: (bytes) => p.encodeBeaconPayload(p.parseBeaconPayload(bytes)),
    },
    {
      name: "grant",
      samples: [grantTo(chain, bob)],
      parse: p.parseGrant,
      reencode: (bytes) => p.encodeGrantContext(p.parseGrant(bytes)),
    },
    {
      name: "friend request",
      samples: [request],
      parse: p.parseFriendRequest,
      reencode: (bytes) => p.encodeFriendRequest(p.parseFriendRequest(bytes)),
    },
    {
      name: "friendship record",
      samples: [createAccept(recordInput(request, bob, alice))],
      parse: p.parseFriendshipRecord,
      reencode: (bytes) => p.encodeFriendshipRecord(p.parseFriendshipRecord(bytes)),
    },
    {
      name: "manifest",
      samples: [signManifest(alice)],
      parse: p.parseManifest,
      reencode: (bytes) => p.encodeManifest(p.parseManifest(bytes)),
    },
    {
      name: "receipt",
      samples: [signReceipt(relayKey().secretKey)],
      parse: p.parseReceipt,
      reencode: (bytes) => p.encodeReceipt(p.parseReceipt(bytes)),
    },
    {
      name: "observed head",
      samples: [p.encodeObservedHead({ seq: 7, hashStart: filled(16, 1) })],
      parse: p.parseObservedHead,
      reencode: (bytes) => p.encodeObservedHead(p.parseObservedHead(bytes)),
    },
    {
      name: "fork proof",
      samples: [signFork(alice)],
      parse: p.parseForkProof,
      reencode: (bytes) => p.encodeForkProof(p.parseForkProof(bytes)),
    },
    {
      name: "receipt conflict",
      samples: [signConflict()],
      parse: p.parseReceiptConflict,
      reencode: (bytes) => p.encodeReceiptConflict(p.parseReceiptConflict(bytes)),
    },
    {
      name: "checkpoint",
      samples: [signCheckpoint(relayKey())],
      parse: p.parseCheckpoint,
      reencode: (bytes) => p.encodeCheckpoint(p.parseCheckpoint(bytes)),
    },
    {
      name: "split proof",
      samples: [splitProof([]), splitProof([ids.hash, ids.other])],
      parse: p.parseSplitProof,
      reencode: (bytes) => {
        const { older, newer, path } = p.parseSplitProof(bytes);
        return p.encodeSplitProof({ older: older.bytes, newer: newer.bytes, path });
      },
    },
    {
      name: "thought body",
      samples: [
        p.encodeThoughtBody({ v: 1, t: "" }),
        p.encodeThoughtBody({ v: 1, t: "\uFEFFgrüße 💚", reply: ids.hash, edits: ids.other, obs: [filled(101, 1)], log: filled(146, 1) }),
      ],
      parse: p.parseThoughtBody,
    },
    ...vaultFormats(alice.card.bytes),
    ...archiveFormats(),
  ];
}

function archiveFormats(): Format[] {
  const piece = (of: p.ArchivePiece): Uint8Array => p.encodeArchivePiece(of);
  return [
    {
      name: "archive head",
      samples: [p.encodeArchiveHead({ salt: filled(16, 1), id: filled(16, 2), wrap: filled(105, 3) })],
      parse: p.parseArchiveHead,
      reencode: (bytes) => p.encodeArchiveHead(p.parseArchiveHead(bytes)),
    },
    {
      name: "archive piece",
      samples: [
        piece({ kind: "keys", keys: [{ n: 7, of: 1, key: ids.hash }, { n: 8, of: 2, key: ids.other }] }),
        piece({ kind: "entries", entries: [{ bytes: filled(300, 1), receipt: filled(145, 2) }] }),
        piece({ kind: "friendship", request: filled(226, 1), accept: filled(226, 2) }),
        piece({ kind: "end", chains: 2, entries: 30 }),
      ],
      parse: p.parseArchivePiece,
    },
  ];
}

function signFork(author: Person): Uint8Array {
  const chain = ChainWriter.begin(author);
  const [one, two] = [chain.signThought("one"), chain.signThought("two")].map(({ bytes }) => p.parseEntryHeader(bytes.subarray(0, 234)));
  return createForkProof([author.card], one!, two!);
}

function signConflict(): Uint8Array {
  const { publicKey, secretKey } = relayKey();
  const sign = (entryHash: Uint8Array) => p.parseReceipt(createReceipt(secretKey, { entryHash, author: ids.hash, seq: 3, relayMs: 4 }));
  return createReceiptConflict(publicKey, sign(ids.hash), sign(ids.other));
}
