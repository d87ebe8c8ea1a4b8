import { concatBytes, encodeReceipt, SIGN_SEED_BYTES, sized, type ReceiptFields } from "../../protocol/index.ts";
import { sign, type SigningKeyPair } from "../sign.ts";
import { sodium } from "../sodium.ts";

/** 32 bytes to keep in the relay's key file. */
export function generateReceiptSeed(): Uint8Array {
  return sodium.randombytes_buf(SIGN_SEED_BYTES);
}

/** The key pair of a seed; clients pin the public key at registration (PROTOCOL.md §3). */
export function deriveReceiptKey(seed: Uint8Array): SigningKeyPair {
  const { publicKey, privateKey } = sodium.crypto_sign_seed_keypair(sized(seed, SIGN_SEED_BYTES));
  return { publicKey, secretKey: privateKey };
}

/** The relay's signed word that it has stored the entry, 145 bytes (PROTOCOL.md §3). */
export function createReceipt(secretKey: Uint8Array, receipt: ReceiptFields): Uint8Array {
  const body = encodeReceipt(receipt);
  return concatBytes(body, sign(secretKey, "receipt", body));
}
