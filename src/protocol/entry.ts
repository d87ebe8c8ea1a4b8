import { isThoughtBucket } from "./bucket.ts";
import { ByteReader, concatBytes, demandVersion, sized, u32, u64, u8 } from "./bytes.ts";
import type { CardHash, EntryHash, EntryId, UserId } from "./ids.ts";
import {
  CARD_BYTES,
  ENTRY_HEADER_BYTES,
  ENTRY_ID_BYTES,
  ENTRY_PRE_BYTES,
  EPOCH_PAYLOAD_BYTES,
  FIRST_EPOCH_PAYLOAD_BYTES,
  FORMAT_VERSION,
  HASH_BYTES,
  MAX_PAYLOAD_BYTES,
  NEXT_CARD_BYTES,
  OBSERVATION_BYTES,
  SEAL_OVERHEAD_BYTES,
  SIGNATURE_BYTES,
  SIGNED_HEADER_BYTES,
  TOMBSTONE_PAYLOAD_BYTES,
} from "./limits.ts";
import { demand } from "./protocol-error.ts";

/** What an entry of a chain is (PROTOCOL.md §3). */
export const EntryType = {
  CARD: 0,
  EPOCH: 1,
  THOUGHT: 2,
  TOMBSTONE: 3,
  REVOKE: 4,
  BEACON: 5,
  HEAL: 6,
} as const;
export type EntryType = (typeof EntryType)[keyof typeof EntryType];

/** The first part of the header; a thought is sealed to these bytes. timeMs is a claim, seq is the order. */
export interface EntryPre {
  type: EntryType;
  author: UserId;
  seq: number;
  prev: EntryHash;
  epoch: number;
  timeMs: number;
  entryId: EntryId;
  signerCard: CardHash;
}

export interface EntryHeader extends EntryPre {
  payloadLength: number;
  payloadHash: Uint8Array;
  pre: Uint8Array;
  header: Uint8Array;
  signature: Uint8Array;
  bytes: Uint8Array;
}

export interface Entry extends EntryHeader {
  payload: Uint8Array;
}

/** A thought whose payload the relay has deleted: header and signature, enough to verify the chain. */
export interface WithdrawnEntry extends EntryHeader {
  payload?: never;
}

/** The 134 bytes before the payload's length and hash. */
export function encodeEntryPre(pre: EntryPre): Uint8Array {
  return concatBytes(
    u8(FORMAT_VERSION),
    u8(pre.type),
    sized(pre.author, HASH_BYTES),
    u64(pre.seq),
    sized(pre.prev, HASH_BYTES),
    u32(pre.epoch),
    u64(pre.timeMs),
    sized(pre.entryId, ENTRY_ID_BYTES),
    sized(pre.signerCard, HASH_BYTES),
  );
}

/** The 170 bytes that are signed and hashed; payloadHash is H("payload", payload). */
export function encodeEntryHeader(pre: Uint8Array, payloadLength: number, payloadHash: Uint8Array): Uint8Array {
  return concatBytes(sized(pre, ENTRY_PRE_BYTES), u32(payloadLength), sized(payloadHash, HASH_BYTES));
}

/** Parses a signed header of exactly 234 bytes. @throws ProtocolError unknown-version, bad-type, bad-length, bad-value */
export function parseEntryHeader(bytes: Uint8Array): EntryHeader {
  return readHeader(new Uint8Array(bytes));
}

/** The long parts are views of `bytes`, which nobody else writes to. */
function readHeader(bytes: Uint8Array): EntryHeader {
  demandVersion(bytes, FORMAT_VERSION);
  demand(bytes.length === SIGNED_HEADER_BYTES, "bad-length");
  const reader = new ByteReader(bytes);
  reader.u8();
  const entry = {
    type: parseEntryType(reader.u8()),
    author: reader.take(HASH_BYTES),
    seq: reader.u64(),
    prev: reader.take(HASH_BYTES),
    epoch: reader.u32(),
    timeMs: reader.u64(),
    entryId: reader.take(ENTRY_ID_BYTES),
    signerCard: reader.take(HASH_BYTES),
    payloadLength: reader.u32(),
    payloadHash: reader.take(HASH_BYTES),
    pre: bytes.subarray(0, ENTRY_PRE_BYTES),
    header: bytes.subarray(0, ENTRY_HEADER_BYTES),
    signature: reader.take(SIGNATURE_BYTES),
    bytes,
  };
  demand(isPayloadLength(entry.type, entry.payloadLength), "bad-length");
  return entry;
}

/** Parses an entry with its payload. @throws ProtocolError as parseEntryHeader */
export function parseEntry(bytes: Uint8Array): Entry {
  const own = new Uint8Array(bytes);
  const entry = readHeader(own.subarray(0, SIGNED_HEADER_BYTES));
  const payload = own.subarray(SIGNED_HEADER_BYTES);
  demand(payload.length === entry.payloadLength, "bad-length");
  return { ...entry, payload, bytes: own };
}

/** Whether these bytes are a signed header alone; no entry has an empty payload. */
export function isWithdrawn(bytes: Uint8Array): boolean {
  return bytes.length === SIGNED_HEADER_BYTES;
}

/** Parses the 234 bytes that are left of a withdrawn thought. @throws ProtocolError as parseEntryHeader; bad-type for any other type */
export function parseWithdrawnEntry(bytes: Uint8Array): WithdrawnEntry {
  const entry = parseEntryHeader(bytes);
  // Without its payload an EPOCH or a CARD would take the history behind it along.
  demand(entry.type === EntryType.THOUGHT, "bad-type");
  return entry;
}

function parseEntryType(value: number): EntryType {
  demand(isEntryType(value), "bad-type");
  return value;
}

const entryTypes: ReadonlySet<number> = new Set(Object.values(EntryType));

function isEntryType(value: number): value is EntryType {
  return entryTypes.has(value);
}

function isPayloadLength(type: EntryType, length: number): boolean {
  switch (type) {
    case EntryType.CARD:
      return length === CARD_BYTES || length === NEXT_CARD_BYTES;
    case EntryType.EPOCH:
      return length === FIRST_EPOCH_PAYLOAD_BYTES || length === EPOCH_PAYLOAD_BYTES;
    case EntryType.THOUGHT:
      return isThoughtBucket(length - SEAL_OVERHEAD_BYTES);
    case EntryType.TOMBSTONE:
      return length === TOMBSTONE_PAYLOAD_BYTES;
    case EntryType.REVOKE:
      return length > 0 && length <= MAX_PAYLOAD_BYTES;
    case EntryType.BEACON:
      return isCountedLength(length, OBSERVATION_BYTES);
    case EntryType.HEAL:
      return length > 1 && isCountedLength(length, HASH_BYTES);
  }
}

function isCountedLength(length: number, itemBytes: number): boolean {
  return length <= 1 + 255 * itemBytes && (length - 1) % itemBytes === 0;
}
