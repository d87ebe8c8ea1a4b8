import { concatBytes, encodeDomain, type DomainLabel } from "../protocol/index.ts";

const SCRATCH_BYTES = 2_048;
const scratch = new Uint8Array(SCRATCH_BYTES);

/**
 * L(l) ‖ m… of PROTOCOL.md §1, what is hashed or signed under a label. Short input is joined where the next call joins its own,
 * since libsodium copies what it is given: a chain is read without an array for each of its hashes.
 */
export function domainInput(label: DomainLabel, parts: readonly Uint8Array[]): Uint8Array {
  const context = encodeDomain(label);
  let length = context.length;
  for (const part of parts) length += part.length;
  if (length > SCRATCH_BYTES) return concatBytes(context, ...parts);
  scratch.set(context);
  let offset = context.length;
  for (const part of parts) {
    scratch.set(part, offset);
    offset += part.length;
  }
  return scratch.subarray(0, length);
}
