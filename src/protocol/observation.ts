import { ByteReader, concatBytes, sized, u64 } from "./bytes.ts";
import { OBSERVED_HASH_BYTES } from "./limits.ts";

/** How far somebody has read a chain: the place of its newest entry there, and the first 16 bytes of that entry's hash. */
export interface ObservedHead {
  seq: number;
  hashStart: Uint8Array;
}

/** The 24 bytes that an observation seals (PROTOCOL.md §3 "Observations"). */
export function encodeObservedHead({ seq, hashStart }: ObservedHead): Uint8Array {
  return concatBytes(u64(seq), sized(hashStart, OBSERVED_HASH_BYTES));
}

/** @throws ProtocolError bad-length, bad-value */
export function parseObservedHead(bytes: Uint8Array): ObservedHead {
  const reader = new ByteReader(bytes);
  const seq = reader.u64();
  const hashStart = reader.take(OBSERVED_HASH_BYTES);
  reader.end();
  return { seq, hashStart };
}
