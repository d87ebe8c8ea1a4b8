import { HASH_BYTES, type KdfLabel, type SealLabel } from "../protocol/index.ts";
import { domainInput } from "./domain-input.ts";
import { sodium } from "./sodium.ts";

/** What a key may be derived for. */
export type DerivationLabel = KdfLabel | `seal-enc/${SealLabel}` | `seal-com/${SealLabel}`;

const MIN_KEY_BYTES = 16;
const MAX_KEY_BYTES = 64;

/**
 * KDF of PROTOCOL.md §1: 32 bytes from a key of 16 to 64 bytes. All parts of the context but the last have a fixed length.
 * @throws RangeError for a key of another length
 */
export function deriveKey(key: Uint8Array, label: DerivationLabel, ...context: Uint8Array[]): Uint8Array {
  if (key.length < MIN_KEY_BYTES || key.length > MAX_KEY_BYTES) throw new RangeError(`a key of ${key.length} bytes`);
  return sodium.crypto_generichash(HASH_BYTES, domainInput(label, context), key);
}
