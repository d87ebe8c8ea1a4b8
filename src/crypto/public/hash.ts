import { HASH_BYTES, type HashLabel, type SealLabel } from "../../protocol/index.ts";
import { domainInput } from "../domain-input.ts";
import { sodium } from "../sodium.ts";

/** H of PROTOCOL.md §1: BLAKE2b-256 under a label. All parts but the last have a fixed length. */
export function hash(label: HashLabel | `ad/${SealLabel}`, ...parts: Uint8Array[]): Uint8Array {
  return sodium.crypto_generichash(HASH_BYTES, domainInput(label, parts), null);
}
