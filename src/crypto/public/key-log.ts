import {
  demand,
  encodeKeyLogLeaf,
  encodeUtf8,
  equalBytes,
  HASH_BYTES,
  parseCheckpoint,
  parseSplitProof,
  ProtocolError,
  splitOf,
  type Checkpoint,
  type InclusionProof,
  type KeyLogLeaf,
  type SplitProof,
} from "../../protocol/index.ts";
import { hash } from "./hash.ts";
import { verifySignature } from "./verify-signature.ts";

/** What stands in a leaf in the place of a user name (PROTOCOL.md §7). */
export const userNameHashOf = (username: string): Uint8Array => hash("log-name", encodeUtf8(username));

/** The hash of a leaf of the key log (PROTOCOL.md §7). */
export const logLeafHashOf = (leaf: KeyLogLeaf): Uint8Array => hash("log-leaf", encodeKeyLogLeaf(leaf));

/** The hash of what stands above two nodes of the key log (PROTOCOL.md §7). */
export const logNodeHashOf = (left: Uint8Array, right: Uint8Array): Uint8Array => hash("log-node", left, right);

/** Verifies a checkpoint with the relay's pinned receipt key. @throws ProtocolError as parseCheckpoint; bad-checkpoint, bad-sig */
export function verifyCheckpoint(relayPk: Uint8Array, bytes: Uint8Array): Checkpoint {
  const checkpoint = parseCheckpoint(bytes);
  demand(equalBytes(checkpoint.relay, relayPk), "bad-checkpoint");
  demand(verifySignature(relayPk, "checkpoint", checkpoint.body, checkpoint.signature), "bad-sig");
  return checkpoint;
}

/** Verifies that the log of a verified checkpoint has this leaf. @throws ProtocolError bad-proof */
export function verifyInclusion({ size, root }: Pick<Checkpoint, "size" | "root">, leaf: KeyLogLeaf, { index, path }: InclusionProof): void {
  demand(index < size, "bad-proof");
  const siblings = new Siblings(path);
  const rootOf = (place: number, width: number): Uint8Array => {
    if (width === 1) return logLeafHashOf(leaf);
    const sibling = siblings.takeTopmost();
    const left = splitOf(width);
    return place < left ? logNodeHashOf(rootOf(place, left), sibling) : logNodeHashOf(sibling, rootOf(place - left, width - left));
  };
  const computed = rootOf(index, size);
  siblings.demandNoneLeft();
  demand(equalBytes(computed, root), "bad-proof");
}

/**
 * Verifies that the newer of two verified checkpoints continues the older one. `split-view` convicts the relay: it signed
 * two logs. @throws ProtocolError rolled-back, bad-proof, split-view
 */
export function verifyConsistency(older: Pick<Checkpoint, "size" | "root">, newer: Pick<Checkpoint, "size" | "root">, path: Uint8Array[]): void {
  demand(older.size <= newer.size, "rolled-back");
  if (older.size === newer.size) return demand(equalBytes(older.root, newer.root), "split-view");
  const roots = consistencyRoots(older.size, newer.size, path);
  demand(equalBytes(roots.newer, newer.root), "bad-proof");
  demand(equalBytes(roots.older, older.root), "split-view");
}

/** Verifies that two checkpoints of this relay cannot both be true. @throws ProtocolError as parseSplitProof, as verifyCheckpoint; bad-proof */
export function verifySplitProof(relayPk: Uint8Array, bytes: Uint8Array): SplitProof {
  const proof = parseSplitProof(bytes);
  const { older, newer, path } = proof;
  for (const checkpoint of [older, newer]) verifyCheckpoint(relayPk, checkpoint.bytes);
  demand(isSplit(older, newer, path), "bad-proof");
  return proof;
}

function isSplit(older: Checkpoint, newer: Checkpoint, path: Uint8Array[]): boolean {
  try {
    verifyConsistency(older, newer, path);
    return false;
  } catch (error) {
    return error instanceof ProtocolError && error.code === "split-view";
  }
}

/** Both roots that a consistency path leads to: the first hash is that of the oldest part both trees share whole. */
function consistencyRoots(from: number, to: number, path: Uint8Array[]): { older: Uint8Array; newer: Uint8Array } {
  const siblings = new Siblings(path);
  const rootsOf = (older: number, width: number): { older: Uint8Array; newer: Uint8Array } => {
    const sibling = siblings.takeTopmost();
    if (older === width) return { older: sibling, newer: sibling };
    const left = splitOf(width);
    if (older <= left) {
      const below = rootsOf(older, left);
      return { older: below.older, newer: logNodeHashOf(below.newer, sibling) };
    }
    const below = rootsOf(older - left, width - left);
    return { older: logNodeHashOf(sibling, below.older), newer: logNodeHashOf(sibling, below.newer) };
  };
  const roots = rootsOf(from, to);
  siblings.demandNoneLeft();
  return roots;
}

/** A path, from the leaf up, that is used from the top down and has to be used up. */
class Siblings {
  readonly #path: Uint8Array[];
  #left: number;

  constructor(path: Uint8Array[]) {
    this.#path = path;
    this.#left = path.length;
  }

  takeTopmost(): Uint8Array {
    this.#left -= 1;
    const sibling = this.#path[this.#left];
    demand(sibling !== undefined && sibling.length === HASH_BYTES, "bad-proof");
    return sibling;
  }

  demandNoneLeft(): void {
    demand(this.#left === 0, "bad-proof");
  }
}
