import { type Bytes, concat, demand, equal, Fields, fieldsOf, demandVersion, Refusal, u64, u8, utf8 } from "./bytes.ts";
import { hash, sign, signPublicKey, verifySignature } from "./primitives.ts";

export interface LogHead {
  size: number;
  root: Bytes;
}

export interface LogLeaf {
  nameHash: Bytes;
  userId: Bytes;
  cardHash: Bytes;
}

interface Checkpoint extends LogHead {
  relayMs: number;
}

export const nameHashOf = (username: string): Bytes => hash("log-name", utf8(username));
export const leafHashOf = ({ nameHash, userId, cardHash }: LogLeaf): Bytes => hash("log-leaf", concat(nameHash, userId, cardHash));
const nodeOf = (left: Bytes, right: Bytes): Bytes => hash("log-node", concat(left, right));

export function createCheckpoint(seed: Bytes, { size, root, relayMs }: Checkpoint): Bytes {
  const signed = concat(u8(1), u8(1), signPublicKey(seed), u64(size), root, u64(relayMs));
  return concat(signed, sign(seed, "checkpoint", signed));
}

function parseCheckpoint(bytes: Bytes): Checkpoint & { relay: Bytes; signature: Bytes } {
  const fields = fieldsOf(bytes, 1, 146);
  fields.bytes(1);
  demand(fields.number(1) === 1, "unknown-version");
  const checkpoint = { relay: fields.bytes(32), size: fields.number(8), root: fields.bytes(32), relayMs: fields.number(8), signature: fields.rest() };
  demand(checkpoint.size > 0, "bad-value");
  return checkpoint;
}

/** PROTOCOL.md §7 Checkpoint. */
export function verifyCheckpoint(relayKey: Bytes, bytes: Bytes): Checkpoint {
  const { relay, signature, ...checkpoint } = parseCheckpoint(bytes);
  demand(equal(relay, relayKey), "bad-checkpoint");
  verifySignature(relayKey, "checkpoint", bytes.slice(0, 82), signature);
  return checkpoint;
}

const isOdd = (value: number): boolean => value % 2 === 1;
const half = (value: number): number => Math.floor(value / 2);

/** RFC 9162 §2.1.3.2, as it is written there. */
export function verifyInclusion({ size, root }: LogHead, leaf: LogLeaf, index: number, path: Bytes[]): void {
  demand(index < size && path.every(({ length }) => length === 32), "bad-proof");
  let [fn, sn, r] = [index, size - 1, leafHashOf(leaf)];
  for (const p of path) {
    demand(sn > 0, "bad-proof");
    if (isOdd(fn) || fn === sn) {
      r = nodeOf(p, r);
      while (!isOdd(fn) && fn > 0) [fn, sn] = [half(fn), half(sn)];
    } else r = nodeOf(r, p);
    [fn, sn] = [half(fn), half(sn)];
  }
  demand(sn === 0 && equal(r, root), "bad-proof");
}

/** RFC 9162 §2.1.4.2 from its third step on: the first hash is always there (PROTOCOL.md §7 Proofs). */
export function verifyConsistency(older: LogHead, newer: LogHead, path: Bytes[]): void {
  demand(older.size <= newer.size, "rolled-back");
  if (older.size === newer.size) return demand(equal(older.root, newer.root), "split-view");
  const [first, ...rest] = path;
  demand(first !== undefined && path.every(({ length }) => length === 32), "bad-proof");
  let [fn, sn, fr, sr] = [older.size - 1, newer.size - 1, first, first];
  while (isOdd(fn)) [fn, sn] = [half(fn), half(sn)];
  for (const c of rest) {
    demand(sn > 0, "bad-proof");
    if (isOdd(fn) || fn === sn) {
      [fr, sr] = [nodeOf(c, fr), nodeOf(c, sr)];
      while (!isOdd(fn) && fn > 0) [fn, sn] = [half(fn), half(sn)];
    } else sr = nodeOf(sr, c);
    [fn, sn] = [half(fn), half(sn)];
  }
  demand(sn === 0 && equal(sr, newer.root), "bad-proof");
  demand(equal(fr, older.root), "split-view");
}

/** PROTOCOL.md §7 Split proof. */
export function verifySplitProof(relayKey: Bytes, bytes: Bytes): { older: Checkpoint; newer: Checkpoint } {
  demandVersion(bytes, 1);
  demand(bytes.length >= 294, "bad-length");
  const fields = new Fields(bytes);
  fields.bytes(1);
  const checkpoints = [fields.bytes(146), fields.bytes(146)] as const;
  const count = fields.number(1);
  demand(count <= 54, "bad-value");
  demand(bytes.length === 294 + 32 * count, "bad-length");
  const path = Array.from({ length: count }, () => fields.bytes(32));
  checkpoints.forEach(parseCheckpoint);
  const [older, newer] = [verifyCheckpoint(relayKey, checkpoints[0]), verifyCheckpoint(relayKey, checkpoints[1])];
  demand(isSplit(() => verifyConsistency(older, newer, path)), "bad-proof");
  return { older, newer };
}

function isSplit(compare: () => void): boolean {
  try {
    compare();
    return false;
  } catch (error) {
    return error instanceof Refusal && error.code === "split-view";
  }
}
