import { type Bytes, concat, demand, demandVersion, Fields, u32, u64, u8 } from "./bytes.ts";
import { isBucket } from "./encodings.ts";
import { hash, sign } from "./primitives.ts";

export const CARD = 0;
export const EPOCH = 1;
export const THOUGHT = 2;
export const TOMBSTONE = 3;
export const REVOKE = 4;
export const BEACON = 5;
export const HEAL = 6;

/** An entry of a chain (PROTOCOL.md §3), read and not yet verified. */
export interface Entry {
  type: number;
  author: Bytes;
  seq: number;
  prev: Bytes;
  epoch: number;
  signer: Bytes;
  payloadHash: Bytes;
  signature: Bytes;
  /** What the seal of a thought is bound to. */
  pre: Bytes;
  /** What the signature covers. */
  header: Bytes;
  hash: Bytes;
  /** Undefined for a withdrawn thought. */
  payload: Bytes | undefined;
}

const PRE = 134;
const HEADER = 170;
const SIGNED = 234;
const LARGEST_PAYLOAD = 73 + 65_536;

const isCounted = (size: number, least: number, each: number): boolean => (size - 1) % each === 0 && size >= 1 + least * each && size <= 1 + 255 * each;

const fits: Record<number, (size: number) => boolean> = {
  [CARD]: (size) => size === 1357 || size === 1421,
  [EPOCH]: (size) => size === 75 || size === 180,
  [THOUGHT]: (size) => isBucket(size - 73) && size <= LARGEST_PAYLOAD,
  [TOMBSTONE]: (size) => size === 32,
  [REVOKE]: (size) => size >= 1 && size <= LARGEST_PAYLOAD,
  [BEACON]: (size) => isCounted(size, 0, 101),
  [HEAL]: (size) => isCounted(size, 1, 32),
};

/** The 234 signed bytes of an entry, and how large its payload is said to be. */
export function parseHeader(bytes: Bytes): Entry & { size: number } {
  demandVersion(bytes, 1);
  demand(bytes.length >= SIGNED, "bad-length");
  const fields = new Fields(bytes);
  fields.bytes(1);
  const type = fields.number(1);
  const fit = fits[type];
  demand(fit !== undefined, "bad-type");
  const [author, seq, prev, epoch] = [fields.bytes(32), fields.number(8), fields.bytes(32), fields.number(4)];
  fields.number(8);
  fields.bytes(16);
  const [signer, size, payloadHash, signature] = [fields.bytes(32), fields.number(4), fields.bytes(32), fields.bytes(64)];
  demand(fit(size), "bad-length");
  const header = bytes.slice(0, HEADER);
  const entry = { type, author, seq, prev, epoch, signer, payloadHash, signature, pre: bytes.slice(0, PRE), header, hash: hash("entry", header) };
  return { ...entry, size, payload: undefined };
}

/** Step 1 of the Reader. */
export function parseEntry(bytes: Bytes): Entry {
  const { size, ...entry } = parseHeader(bytes);
  const payload = bytes.length === SIGNED ? undefined : bytes.slice(SIGNED);
  if (payload) demand(payload.length === size, "bad-length");
  else demand(entry.type === THOUGHT, "bad-type");
  return { ...entry, payload };
}

export interface EntryFields {
  type: number;
  author: Bytes;
  seq: number;
  prev: Bytes;
  epoch: number;
  timeMs: number;
  entryId: Bytes;
  signerCard: Bytes;
  payload: Bytes;
}

export function createEntry(signSeed: Bytes, entry: EntryFields): Bytes {
  const header = concat(
    ...[u8(1), u8(entry.type), entry.author, u64(entry.seq), entry.prev, u32(entry.epoch), u64(entry.timeMs), entry.entryId, entry.signerCard],
    ...[u32(entry.payload.length), hash("payload", entry.payload)],
  );
  return concat(header, sign(signSeed, "entry", header), entry.payload);
}
