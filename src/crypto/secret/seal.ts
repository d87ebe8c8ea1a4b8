import {
  ByteReader,
  concatBytes,
  demand,
  FORMAT_VERSION,
  HASH_BYTES,
  refuseAs,
  SEAL_NONCE_BYTES,
  SEAL_OVERHEAD_BYTES,
  u8,
  type SealLabel,
} from "../../protocol/index.ts";
import { deriveKey } from "../kdf.ts";
import { hash } from "../public/hash.ts";
import { sodium } from "../sodium.ts";
import { generateBytes } from "./random.ts";

/** SEAL of PROTOCOL.md §1: authenticated and committed to its key; 73 bytes longer than the plaintext. */
export function seal(key: Uint8Array, label: SealLabel, ad: Uint8Array, plaintext: Uint8Array): Uint8Array {
  return sealWithNonce(generateBytes(SEAL_NONCE_BYTES), key, label, ad, plaintext);
}

/** SEAL with a given nonce. A nonce that repeats under one key gives the contents away: only seal and the vectors call this. */
export function sealWithNonce(
  nonce: Uint8Array,
  key: Uint8Array,
  label: SealLabel,
  ad: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array {
  const { adHash, encryptionKey, commitment } = deriveSealKeys(key, label, ad, nonce);
  const ciphertext = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plaintext, adHash, null, nonce, encryptionKey);
  return concatBytes(u8(FORMAT_VERSION), nonce, commitment, ciphertext);
}

/** OPEN of PROTOCOL.md §1. @throws ProtocolError bad-seal, the same for every failure */
export function open(key: Uint8Array, label: SealLabel, ad: Uint8Array, sealed: Uint8Array): Uint8Array {
  return refuseAs("bad-seal", () => {
    demand(sealed.length >= SEAL_OVERHEAD_BYTES && sealed[0] === FORMAT_VERSION, "bad-seal");
    const reader = new ByteReader(sealed.subarray(1));
    const nonce = reader.take(SEAL_NONCE_BYTES);
    const claimed = reader.take(HASH_BYTES);
    const ciphertext = sealed.subarray(1 + SEAL_NONCE_BYTES + HASH_BYTES);
    const { adHash, encryptionKey, commitment } = deriveSealKeys(key, label, ad, nonce);
    // One ciphertext must not open under two keys, so that readers cannot be shown different contents.
    demand(sodium.memcmp(commitment, claimed), "bad-seal");
    return sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, ciphertext, adHash, nonce, encryptionKey);
  });
}

function deriveSealKeys(key: Uint8Array, label: SealLabel, ad: Uint8Array, nonce: Uint8Array) {
  const adHash = hash(`ad/${label}`, ad);
  return {
    adHash,
    encryptionKey: deriveKey(key, `seal-enc/${label}`, nonce, adHash),
    commitment: deriveKey(key, `seal-com/${label}`, nonce, adHash),
  };
}
