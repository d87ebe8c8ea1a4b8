import { ByteReader, concatBytes, demandVersion, equalBytes, sized, u64, u8 } from "./bytes.ts";
import type { CardHash, FriendshipId, UserId } from "./ids.ts";
import type { SignLabel } from "./labels.ts";
import {
  FORMAT_VERSION,
  FRIENDSHIP_RECORD_BYTES,
  HASH_BYTES,
  MAX_REQUEST_LIFE_MS,
  REQUEST_ID_BYTES,
  SIGNATURE_BYTES,
  SIGNED_FRIENDSHIP_RECORD_BYTES,
} from "./limits.ts";
import { demand } from "./protocol-error.ts";

const REQUEST_TYPE = 1;

/** The records after a REQUEST (PROTOCOL.md §5). */
export const FriendshipRecordType = { ACCEPT: 2, CONFIRM: 3, UNFRIEND: 4, DECLINE: 5, CANCEL: 6 } as const;
export type FriendshipRecordType = (typeof FriendshipRecordType)[keyof typeof FriendshipRecordType];

/** Under which label each record is signed (PROTOCOL.md §5). */
export const FRIENDSHIP_SIGN_LABELS = {
  [FriendshipRecordType.ACCEPT]: "acc",
  [FriendshipRecordType.CONFIRM]: "conf",
  [FriendshipRecordType.UNFRIEND]: "unf",
  [FriendshipRecordType.DECLINE]: "dec",
  [FriendshipRecordType.CANCEL]: "can",
} as const satisfies Record<FriendshipRecordType, SignLabel>;

export interface FriendRequestFields {
  from: UserId;
  to: UserId;
  fromCardHash: CardHash;
  toCardHash: CardHash;
  requestId: Uint8Array;
  createdMs: number;
  /** At most 30 days after createdMs. */
  expiresMs: number;
}

export interface FriendshipRecordFields {
  type: FriendshipRecordType;
  fid: FriendshipId;
  signer: UserId;
  signerCardHash: CardHash;
  peer: UserId;
  peerCardHash: CardHash;
}

interface Signed {
  /** The 162 bytes that are signed. */
  record: Uint8Array;
  signature: Uint8Array;
  bytes: Uint8Array;
}

export interface FriendRequestRecord extends FriendRequestFields, Signed {}
export interface FriendshipRecord extends FriendshipRecordFields, Signed {}

/** The 162 signed bytes of a REQUEST: no key and no note. */
export function encodeFriendRequest(request: FriendRequestFields): Uint8Array {
  return concatBytes(
    u8(FORMAT_VERSION),
    u8(REQUEST_TYPE),
    sized(request.from, HASH_BYTES),
    sized(request.to, HASH_BYTES),
    sized(request.fromCardHash, HASH_BYTES),
    sized(request.toCardHash, HASH_BYTES),
    sized(request.requestId, REQUEST_ID_BYTES),
    u64(request.createdMs),
    u64(request.expiresMs),
  );
}

/** Parses a signed REQUEST of 226 bytes. @throws ProtocolError unknown-version, bad-length, bad-type, bad-value, bad-record */
export function parseFriendRequest(bytes: Uint8Array): FriendRequestRecord {
  const signed = parseSigned(bytes);
  const reader = new ByteReader(signed.record);
  reader.u8();
  demand(reader.u8() === REQUEST_TYPE, "bad-type");
  const request = {
    from: reader.take(HASH_BYTES),
    to: reader.take(HASH_BYTES),
    fromCardHash: reader.take(HASH_BYTES),
    toCardHash: reader.take(HASH_BYTES),
    requestId: reader.take(REQUEST_ID_BYTES),
    createdMs: reader.u64(),
    expiresMs: reader.u64(),
    ...signed,
  };
  demand(!equalBytes(request.from, request.to), "bad-record", "a request to oneself");
  const lifeMs = request.expiresMs - request.createdMs;
  demand(lifeMs > 0 && lifeMs <= MAX_REQUEST_LIFE_MS, "bad-record", "a life of more than 30 days");
  return request;
}

/** The 162 signed bytes of an ACCEPT, CONFIRM, UNFRIEND, DECLINE or CANCEL. */
export function encodeFriendshipRecord(record: FriendshipRecordFields): Uint8Array {
  return concatBytes(
    u8(FORMAT_VERSION),
    u8(record.type),
    sized(record.fid, HASH_BYTES),
    sized(record.signer, HASH_BYTES),
    sized(record.signerCardHash, HASH_BYTES),
    sized(record.peer, HASH_BYTES),
    sized(record.peerCardHash, HASH_BYTES),
  );
}

/** Parses a signed record of 226 bytes. @throws ProtocolError unknown-version, bad-length, bad-type, bad-record */
export function parseFriendshipRecord(bytes: Uint8Array): FriendshipRecord {
  const signed = parseSigned(bytes);
  const reader = new ByteReader(signed.record);
  reader.u8();
  const record = {
    type: parseRecordType(reader.u8()),
    fid: reader.take(HASH_BYTES),
    signer: reader.take(HASH_BYTES),
    signerCardHash: reader.take(HASH_BYTES),
    peer: reader.take(HASH_BYTES),
    peerCardHash: reader.take(HASH_BYTES),
    ...signed,
  };
  demand(!equalBytes(record.signer, record.peer), "bad-record", "a record with oneself");
  return record;
}

function parseSigned(bytes: Uint8Array): Signed {
  demandVersion(bytes, FORMAT_VERSION);
  demand(bytes.length === SIGNED_FRIENDSHIP_RECORD_BYTES, "bad-length");
  const reader = new ByteReader(bytes);
  return {
    record: reader.take(FRIENDSHIP_RECORD_BYTES),
    signature: reader.take(SIGNATURE_BYTES),
    bytes: new Uint8Array(bytes),
  };
}

function parseRecordType(value: number): FriendshipRecordType {
  const type = Object.values(FriendshipRecordType).find((known) => known === value);
  demand(type !== undefined, "bad-type");
  return type;
}
