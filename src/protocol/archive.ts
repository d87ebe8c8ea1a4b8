import { ByteReader, concatBytes, equalBytes, sized, u64, u8 } from "./bytes.ts";
import { bytesOf, codecOf, integer, listOf, mapOf, oneOf, optional, textOf, type Shape } from "./cbor-shape.ts";
import { GrantKind } from "./grant.ts";
import type { CardHash, EntryHash, UserId } from "./ids.ts";
import {
  ARCHIVE_HEAD_BYTES,
  ARCHIVE_ID_BYTES,
  ARCHIVE_PREFIX_BYTES,
  ARCHIVE_SALT_BYTES,
  FORMAT_VERSION,
  HASH_BYTES,
  KEY_BYTES,
  MAX_ARCHIVE_PIECE_BYTES,
  MAX_ENTRY_BYTES,
  MAX_USERNAME_BYTES,
  SIGNED_CHECKPOINT_BYTES,
  SIGNED_FRIENDSHIP_RECORD_BYTES,
  SIGNED_RECEIPT_BYTES,
  WRAP_BYTES,
} from "./limits.ts";
import { demand } from "./protocol-error.ts";
import { encodeUtf8 } from "./utf8.ts";

const MAGIC = encodeUtf8("PBARCHIV");
/** How a password is stretched: scrypt with N = 2^17, r = 8, p = 1. */
const STRETCHING = 1;
const MAX_RELAY_BYTES = 2048;
const MAX_PROOF_BYTES = 524_288;
/** More than any piece of the largest size holds. */
const MAX_LISTED = 16_384;

/** The first bytes of an archive, in the clear (docs/ARCHIVE.md). */
export interface ArchiveHead {
  /** Of the stretched password. */
  salt: Uint8Array;
  /** Random; ties the pieces to this archive. */
  id: Uint8Array;
  /** The archive's key, sealed to the stretched password. */
  wrap: Uint8Array;
}

/** What stands before the wrap; the wrap is sealed to it. */
export function encodeArchivePrefix({ salt, id }: Pick<ArchiveHead, "salt" | "id">): Uint8Array {
  return concatBytes(MAGIC, u8(FORMAT_VERSION), u8(STRETCHING), sized(salt, ARCHIVE_SALT_BYTES), sized(id, ARCHIVE_ID_BYTES));
}

export function encodeArchiveHead(head: ArchiveHead): Uint8Array {
  return concatBytes(encodeArchivePrefix(head), sized(head.wrap, WRAP_BYTES));
}

/** @throws ProtocolError bad-length, bad-type for another kind of file, unknown-version */
export function parseArchiveHead(bytes: Uint8Array): ArchiveHead {
  demand(bytes.length === ARCHIVE_HEAD_BYTES, "bad-length");
  const reader = new ByteReader(bytes);
  demand(equalBytes(reader.take(MAGIC.length), MAGIC), "bad-type");
  demand(reader.u8() === FORMAT_VERSION && reader.u8() === STRETCHING, "unknown-version");
  return { salt: reader.take(ARCHIVE_SALT_BYTES), id: reader.take(ARCHIVE_ID_BYTES), wrap: bytes.slice(ARCHIVE_PREFIX_BYTES) };
}

/** Which piece of which archive, and whether any follows. */
export interface ArchivePlace {
  id: Uint8Array;
  index: number;
  isLast: boolean;
}

/** What a piece is sealed to. */
export function encodeArchivePlace({ id, index, isLast }: ArchivePlace): Uint8Array {
  return concatBytes(sized(id, ARCHIVE_ID_BYTES), u64(index), u8(isLast ? 1 : 0));
}

/** Whose archive it is, and the relay's keys as their vault pins them. */
interface AboutPiece {
  kind: "about";
  relay: string;
  userId: UserId;
  username: string;
  createdMs: number;
  receiptKey: Uint8Array;
  loginKey: Uint8Array;
  /** The newest checkpoint of the key log that was seen. */
  checkpoint?: Uint8Array;
}

const VERIFICATIONS = ["verified", "unverified", "changed"] as const;

/** Begins a chain: the own one first, then one for each friend. */
export interface ChainPiece {
  kind: "chain";
  userId: UserId;
  username: string;
  verification: (typeof VERIFICATIONS)[number];
  /** The card in force, of a friend the pinned one. */
  cardHash: CardHash;
  /** From here on the chain is whole. */
  start: number;
  headSeq: number;
  headHash: EntryHash;
}

/** CARD and EPOCH entries of the chain, all of them, oldest first. */
interface LandmarksPiece {
  kind: "landmarks";
  entries: Uint8Array[];
}

export interface ArchivedKey {
  n: number;
  /** K_n, which opens all before it too, or T_n alone. */
  of: GrantKind;
  key: Uint8Array;
}

interface KeysPiece {
  kind: "keys";
  keys: ArchivedKey[];
}

export interface ArchivedEntry {
  bytes: Uint8Array;
  receipt: Uint8Array;
}

/** Entries of the chain from `start` on, without a hole, oldest first. */
interface EntriesPiece {
  kind: "entries";
  entries: ArchivedEntry[];
}

/** The signed records of the friendship with the author of the chain before it. */
export interface FriendshipPiece {
  kind: "friendship";
  request: Uint8Array;
  accept?: Uint8Array;
  confirm?: Uint8Array;
}

interface ProofPiece {
  kind: "proof";
  proof: "fork" | "receipts";
  bytes: Uint8Array;
}

interface EndPiece {
  kind: "end";
  chains: number;
  entries: number;
}

export type ArchivePiece = AboutPiece | ChainPiece | LandmarksPiece | KeysPiece | EntriesPiece | FriendshipPiece | ProofPiece | EndPiece;

const hash = bytesOf(HASH_BYTES);
const username = textOf(MAX_USERNAME_BYTES);
const record = bytesOf(SIGNED_FRIENDSHIP_RECORD_BYTES);

const bytesUpTo =
  (maxBytes: number): Shape<Uint8Array> =>
  (value) => {
    demand(value instanceof Uint8Array && value.length <= maxBytes, "bad-cbor");
    return value;
  };

const entryBytes = bytesUpTo(MAX_ENTRY_BYTES);

const SHAPES: { [K in ArchivePiece["kind"]]: Shape<Extract<ArchivePiece, { kind: K }>> } = {
  about: mapOf<AboutPiece>({
    kind: oneOf(["about"]),
    relay: textOf(MAX_RELAY_BYTES),
    userId: hash,
    username,
    createdMs: integer,
    receiptKey: bytesOf(KEY_BYTES),
    loginKey: bytesOf(KEY_BYTES),
    checkpoint: optional(bytesOf(SIGNED_CHECKPOINT_BYTES)),
  }),
  chain: mapOf<ChainPiece>({
    kind: oneOf(["chain"]),
    userId: hash,
    username,
    verification: oneOf(VERIFICATIONS),
    cardHash: hash,
    start: integer,
    headSeq: integer,
    headHash: hash,
  }),
  landmarks: mapOf<LandmarksPiece>({ kind: oneOf(["landmarks"]), entries: listOf(entryBytes, MAX_LISTED) }),
  keys: mapOf<KeysPiece>({
    kind: oneOf(["keys"]),
    keys: listOf(mapOf<ArchivedKey>({ n: integer, of: oneOf(Object.values(GrantKind)), key: bytesOf(KEY_BYTES) }), MAX_LISTED),
  }),
  entries: mapOf<EntriesPiece>({
    kind: oneOf(["entries"]),
    entries: listOf(mapOf<ArchivedEntry>({ bytes: entryBytes, receipt: bytesOf(SIGNED_RECEIPT_BYTES) }), MAX_LISTED),
  }),
  friendship: mapOf<FriendshipPiece>({ kind: oneOf(["friendship"]), request: record, accept: optional(record), confirm: optional(record) }),
  proof: mapOf<ProofPiece>({ kind: oneOf(["proof"]), proof: oneOf(["fork", "receipts"]), bytes: bytesUpTo(MAX_PROOF_BYTES) }),
  end: mapOf<EndPiece>({ kind: oneOf(["end"]), chains: integer, entries: integer }),
};

const kindOf = mapOf<{ kind: ArchivePiece["kind"] }>({ kind: oneOf(Object.keys(SHAPES) as ArchivePiece["kind"][]) });

const piece = codecOf<ArchivePiece>((value) => SHAPES[kindOf(value).kind](value), MAX_ARCHIVE_PIECE_BYTES);

/** Deterministic CBOR of one piece. encode… and parse… @throws ProtocolError bad-cbor, bad-text, bad-length */
export const encodeArchivePiece = piece.encode;
export const parseArchivePiece = piece.parse;
