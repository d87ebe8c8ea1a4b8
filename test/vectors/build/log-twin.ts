import { logNodeHashOf } from "../../../src/crypto/index.ts";

// The tree of RFC 9162 §2.1 as its definition reads, over all leaves at once: what the relay stores and what clients compute
// has to agree with it.

const half = (size: number): number => 2 ** Math.ceil(Math.log2(size) - 1);

export function rootOf(leaves: Uint8Array[]): Uint8Array {
  const [only] = leaves;
  if (leaves.length === 1 && only) return only;
  const left = half(leaves.length);
  return logNodeHashOf(rootOf(leaves.slice(0, left)), rootOf(leaves.slice(left)));
}

/** PATH of RFC 9162 §2.1.3.1. */
export function inclusionPath(index: number, leaves: Uint8Array[]): Uint8Array[] {
  if (leaves.length === 1) return [];
  const left = half(leaves.length);
  const [before, behind] = [leaves.slice(0, left), leaves.slice(left)];
  return index < left ? [...inclusionPath(index, before), rootOf(behind)] : [...inclusionPath(index - left, behind), rootOf(before)];
}

/** SUBPROOF of RFC 9162 §2.1.4.1, with the first hash in every case. */
export function consistencyPath(from: number, leaves: Uint8Array[]): Uint8Array[] {
  if (from === leaves.length) return [rootOf(leaves)];
  const left = half(leaves.length);
  const [before, behind] = [leaves.slice(0, left), leaves.slice(left)];
  return from <= left ? [...consistencyPath(from, before), rootOf(behind)] : [...consistencyPath(from - left, behind), rootOf(before)];
}
