import { concatBytes, sized } from "./bytes.ts";
import type { CardHash, UserId } from "./ids.ts";
import { HASH_BYTES } from "./limits.ts";

/** One card in the key log: under which name, whose, which (PROTOCOL.md §7). */
export interface KeyLogLeaf {
  /** H("log-name", user name): the log is public, and no directory of names. */
  nameHash: Uint8Array;
  userId: UserId;
  cardHash: CardHash;
}

/** Where a leaf stands, and the hashes beside its way to the root, from the leaf up. */
export interface InclusionProof {
  index: number;
  path: Uint8Array[];
}

/** The 96 bytes that a leaf's hash is over. */
export function encodeKeyLogLeaf({ nameHash, userId, cardHash }: KeyLogLeaf): Uint8Array {
  return concatBytes(...[nameHash, userId, cardHash].map((hash) => sized(hash, HASH_BYTES)));
}

/** Where a tree of more than one leaf divides: the largest power of two below its size (RFC 9162 §2.1.1). */
export function splitOf(size: number): number {
  let left = 1;
  while (left * 2 < size) left *= 2;
  return left;
}
