import { logNodeHashOf } from "../../crypto/public.ts";
import { splitOf } from "../../protocol/index.ts";
import type { HashedNode, KeyLogState, TreeNode } from "../ports/index.ts";

// The Merkle tree of RFC 9162 §2.1 over complete subtrees alone: they never change once they are stored, so a proof for any
// size is read in O(log n), and appending stores what became complete.

/** A range of leaves as its complete subtrees, left to right. */
export type Cover = TreeNode[];

/** The complete subtrees of `width` leaves from `start` on; both come from dividing a tree. */
export function coverOf(start: number, width: number): Cover {
  if (width === 0) return [];
  let level = 0;
  while (2 ** (level + 1) <= width) level += 1;
  const complete = 2 ** level;
  return [{ level, index: start / complete }, ...coverOf(start + complete, width - complete)];
}

/** What stands beside the way from a leaf to the root of a tree of this size, from the leaf up. */
export function inclusionCovers(index: number, size: number, start = 0): Cover[] {
  if (size === 1) return [];
  const left = splitOf(size);
  return index < left
    ? [...inclusionCovers(index, left, start), coverOf(start + left, size - left)]
    : [...inclusionCovers(index - left, size - left, start + left), coverOf(start, left)];
}

/** What leads to the root at `from` and to that at `to`: first the oldest part that both have whole, then siblings upwards. */
export function consistencyCovers(from: number, to: number, start = 0): Cover[] {
  if (from === to) return [coverOf(start, to)];
  const left = splitOf(to);
  return from <= left
    ? [...consistencyCovers(from, left, start), coverOf(start + left, to - left)]
    : [...consistencyCovers(from - left, to - left, start + left), coverOf(start, left)];
}

/** The hash over neighbouring complete subtrees, which get smaller to the right. */
export function foldCover(hashes: Uint8Array[]): Uint8Array {
  const folded = hashes.reduceRight<Uint8Array | undefined>((right, left) => (right === undefined ? left : logNodeHashOf(left, right)), undefined);
  if (folded === undefined) throw new RangeError("a range without leaves has no hash");
  return folded;
}

/** The log with one leaf more, and the nodes that became complete with it, the leaf itself not among them. */
export function growTree({ size, frontier }: KeyLogState, leafHash: Uint8Array): { grown: KeyLogState; nodes: HashedNode[] } {
  const rest = [...frontier];
  const nodes: HashedNode[] = [];
  let hash = leafHash;
  // As in counting: every complete subtree that ends at this place carries over into the one above.
  for (let level = 1, index = size; index % 2 === 1; level += 1) {
    index = (index - 1) / 2;
    const left = rest.pop();
    if (left === undefined) throw new RangeError("the frontier does not fit the size");
    hash = logNodeHashOf(left, hash);
    nodes.push({ level, index, hash });
  }
  return { grown: { size: size + 1, frontier: [...rest, hash] }, nodes };
}
