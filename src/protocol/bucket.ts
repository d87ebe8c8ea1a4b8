import { MAX_THOUGHT_BUCKET_BYTES } from "./limits.ts";

const SMALLEST_BUCKET_BYTES = 256;
const STEP_BYTES = 65_536;

/** The smallest bucket that is larger than the length (PROTOCOL.md §1): 256, 512 … 64 k, then multiples of 64 k. */
export function bucketFor(length: number): number {
  let bucket = SMALLEST_BUCKET_BYTES;
  while (bucket <= length) bucket = bucket < STEP_BYTES ? bucket * 2 : bucket + STEP_BYTES;
  return bucket;
}

/** Whether padded content can have this length. */
export function isBucket(length: number): boolean {
  return bucketFor(length - 1) === length;
}

/** Whether a thought's padded body can have this length. */
export function isThoughtBucket(length: number): boolean {
  return length <= MAX_THOUGHT_BUCKET_BYTES && isBucket(length);
}
