import { deriveKey, hash, sign } from "../../../src/crypto/index.ts";
import { sealWithNonce } from "../../../src/crypto/secret/seal.ts";
import { sodium } from "../../../src/crypto/sodium.ts";
import { concatBytes, encodeGrantContext, u8, type GrantContext } from "../../../src/protocol/index.ts";

const BOX_PK_OFFSET = 1 + 4 + 8 + 32 + 32;
const KEM_PK_OFFSET = BOX_PK_OFFSET + 32;
const BODY_BYTES = 1293;

/** The libsodium sealed box with a given ephemeral key: its nonce is the hash of both public keys (PROTOCOL.md §8). */
export function sealedBoxWith(boxSeed: Uint8Array, message: Uint8Array, boxPk: Uint8Array): Uint8Array {
  const { publicKey, privateKey } = sodium.crypto_box_seed_keypair(boxSeed);
  const nonce = sodium.crypto_generichash(24, concatBytes(publicKey, boxPk), null);
  return concatBytes(publicKey, sodium.crypto_box_easy(message, nonce, boxPk, privateKey));
}

export interface GrantTwin {
  context: Omit<GrantContext, "recipientCardHash">;
  key: Uint8Array;
  recipientCard: Uint8Array;
  signSecretKey: Uint8Array;
  boxSeed: Uint8Array;
  coins: Uint8Array;
  nonce: Uint8Array;
  /** What the author puts into the sealed box, if not KEY ‖ H("grant-ctx", ctx). */
  content?: Uint8Array;
  /** What the author seals in the outer layer, if not the sealed box. */
  inner?: Uint8Array;
}

/** A grant as PROTOCOL.md §4 lays it out, with everything that is random elsewhere given. */
export function grantWith(grant: GrantTwin): Uint8Array {
  const { key, recipientCard, signSecretKey, boxSeed, coins, nonce } = grant;
  const context = encodeGrantContext({ ...grant.context, recipientCardHash: hash("card", recipientCard) });
  const kemPk = recipientCard.subarray(KEM_PK_OFFSET, BODY_BYTES);
  const content = grant.content ?? concatBytes(key, hash("grant-ctx", context));
  const inner = grant.inner ?? sealedBoxWith(boxSeed, content, recipientCard.subarray(BOX_PK_OFFSET, KEM_PK_OFFSET));
  const { ciphertext, sharedSecret } = sodium.crypto_kem_mlkem768_enc_deterministic(kemPk, coins);
  const outerKey = deriveKey(sharedSecret, "grant-kem", ciphertext, kemPk, context);
  return signGrant(signSecretKey, context, concatBytes(u8(2), ciphertext, sealWithNonce(nonce, outerKey, "grant", context, inner)));
}

export function signGrant(signSecretKey: Uint8Array, context: Uint8Array, sealed: Uint8Array): Uint8Array {
  const signature = sign(signSecretKey, "grant", concatBytes(context, hash("grant-blob", sealed)));
  return concatBytes(context, sealed, signature);
}
