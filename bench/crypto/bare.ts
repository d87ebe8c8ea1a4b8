import sodium from "libsodium-wrappers";
import { concatBytes, encodeDomain, ENTRY_HEADER_BYTES, ENTRY_ID_BYTES, ENTRY_PRE_BYTES, GRANT_CONTEXT_BYTES, GRANT_SEALED_BYTES, HASH_BYTES, KEM_CIPHERTEXT_BYTES, KEM_PUBLIC_KEY_BYTES, SEAL_NONCE_BYTES } from "../../src/protocol/index.ts";
import type { Person } from "../../test/support/person.ts";

const BUCKET_BYTES = 256;
const SEALED_BYTES = BUCKET_BYTES + 73;
const EPOCH_CONTEXT_BYTES = HASH_BYTES + 4;

interface Bare {
  calls: number;
  bare(): void;
}

type Label = Parameters<typeof encodeDomain>[0];

/** Content of the length that our code hashes or signs under a label, joined beforehand. */
function labelled(label: Label, length: number): Uint8Array {
  return concatBytes(encodeDomain(label), sodium.randombytes_buf(length));
}

const hash = (bytes: Uint8Array): Uint8Array => sodium.crypto_generichash(HASH_BYTES, bytes, null);
const derive = (key: Uint8Array, context: Uint8Array): Uint8Array => sodium.crypto_generichash(HASH_BYTES, context, key);

/** Signature, hashes of entry and payload; then what a seal takes to open. The hash of the card is the same for a whole chain. */
export function bareVerifyAndOpen(author: Person, key: Uint8Array): Bare {
  const header = labelled("entry", ENTRY_HEADER_BYTES);
  const signed = labelled("sig/entry", ENTRY_HEADER_BYTES);
  const payload = labelled("payload", SEALED_BYTES);
  const signature = sodium.crypto_sign_detached(signed, author.identity.sign.secretKey);
  const opens = sealed(key, labelled("ad/thought", ENTRY_PRE_BYTES), sodium.pad(new Uint8Array(90), BUCKET_BYTES));
  return {
    calls: 9,
    bare() {
      sodium.crypto_sign_verify_detached(signature, signed, author.identity.sign.publicKey);
      hash(header);
      hash(payload);
      const padded = opens();
      sodium.unpad(padded, padded.length);
    },
  };
}

/** An id, padding, what sealing takes, the payload's hash, the signature, the entry's hash. */
export function bareWrite(author: Person, key: Uint8Array, text: string): Bare {
  const body = sodium.randombytes_buf(text.length + 8);
  const payload = labelled("payload", SEALED_BYTES);
  const header = labelled("entry", ENTRY_HEADER_BYTES);
  const signed = labelled("sig/entry", ENTRY_HEADER_BYTES);
  const place = labelled("ad/thought", ENTRY_PRE_BYTES);
  return {
    calls: 10,
    bare() {
      sodium.randombytes_buf(ENTRY_ID_BYTES);
      seal(key, place, sodium.pad(body, BUCKET_BYTES));
      hash(payload);
      sodium.crypto_sign_detached(signed, author.identity.sign.secretKey);
      hash(header);
    },
  };
}

/** Both layers of a grant, closed and opened, signed and verified, and the check of its key against the epoch. */
export function bareMakeAndOpenGrant(author: Person, reader: Person): Bare {
  const { sign } = author.identity;
  const { box, kem } = reader.identity;
  const content = sodium.randombytes_buf(32 + HASH_BYTES);
  const context = labelled("grant-ctx", GRANT_CONTEXT_BYTES);
  const outerContext = labelled("grant-kem", KEM_CIPHERTEXT_BYTES + KEM_PUBLIC_KEY_BYTES + GRANT_CONTEXT_BYTES);
  const grant = labelled("grant-blob", GRANT_SEALED_BYTES);
  const signed = labelled("sig/grant", GRANT_CONTEXT_BYTES + HASH_BYTES);
  const epochContext = labelled("epoch-com", EPOCH_CONTEXT_BYTES);
  return {
    calls: 28,
    bare() {
      hash(context);
      const inner = sodium.crypto_box_seal(content, box.publicKey);
      const { ciphertext, sharedSecret } = sodium.crypto_kem_mlkem768_enc(kem.publicKey);
      const outer = seal(derive(sharedSecret, outerContext), context, inner);
      hash(grant);
      const signature = sodium.crypto_sign_detached(signed, sign.secretKey);

      hash(grant);
      sodium.crypto_sign_verify_detached(signature, signed, sign.publicKey);
      const secret = sodium.crypto_kem_mlkem768_dec(ciphertext, kem.secretKey);
      const opened = sodium.crypto_box_seal_open(open(derive(secret, outerContext), context, outer), box.publicKey, box.secretKey);
      sodium.memcmp(opened.subarray(32), hash(context));
      const commitment = derive(author.epochKey, epochContext);
      sodium.memcmp(commitment, commitment);
      const thoughtKey = derive(author.epochKey, epochContext);
      sodium.memcmp(derive(thoughtKey, epochContext), commitment);
    },
  };
}

const NONCE_CONTEXT = concatBytes(encodeDomain("seal-enc/thought"), new Uint8Array(SEAL_NONCE_BYTES + HASH_BYTES));

interface Sealed {
  nonce: Uint8Array;
  commitment: Uint8Array;
  ciphertext: Uint8Array;
}

function seal(key: Uint8Array, ad: Uint8Array, plaintext: Uint8Array): Sealed {
  const nonce = sodium.randombytes_buf(SEAL_NONCE_BYTES);
  const adHash = hash(ad);
  const encryptionKey = derive(key, NONCE_CONTEXT);
  const commitment = derive(key, NONCE_CONTEXT);
  return { nonce, commitment, ciphertext: sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plaintext, adHash, null, nonce, encryptionKey) };
}

function open(key: Uint8Array, ad: Uint8Array, { nonce, commitment, ciphertext }: Sealed): Uint8Array {
  const adHash = hash(ad);
  const encryptionKey = derive(key, NONCE_CONTEXT);
  sodium.memcmp(derive(key, NONCE_CONTEXT), commitment);
  return sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, ciphertext, adHash, nonce, encryptionKey);
}

function sealed(key: Uint8Array, ad: Uint8Array, plaintext: Uint8Array): () => Uint8Array {
  const box = seal(key, ad, plaintext);
  return () => open(key, ad, box);
}
