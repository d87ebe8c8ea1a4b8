import { deriveKey } from "../../../src/crypto/index.ts";
import { sealWithNonce } from "../../../src/crypto/secret/seal.ts";
import { concatBytes, u64 } from "../../../src/protocol/index.ts";

export interface ObservationTwin {
  thoughtKey: Uint8Array;
  observer: Uint8Array;
  entryId: Uint8Array;
  nonce: Uint8Array;
  /** seq u64 ‖ 16 bytes of a hash, if the observer seals what it should. */
  content: Uint8Array;
  /** Where the tag says that it stands, if not at its place. */
  tagPlace?: Uint8Array;
}

/** An observation as PROTOCOL.md §3 lays it out, with the nonce given. */
export function observationWith({ thoughtKey, observer, entryId, nonce, content, tagPlace }: ObservationTwin): Uint8Array {
  const place = concatBytes(observer, entryId);
  const tag = deriveKey(thoughtKey, "obs-tag", tagPlace ?? place).subarray(0, 4);
  return concatBytes(tag, sealWithNonce(nonce, deriveKey(thoughtKey, "obs"), "obs", place, content));
}

export function observedHead(seq: number, hash: Uint8Array): Uint8Array {
  return concatBytes(u64(seq), hash.subarray(0, 16));
}
