import { deriveKey, hash, open, sign, verifySignature } from "../../../src/crypto/index.ts";
import type { DerivationLabel } from "../../../src/crypto/kdf.ts";
import { pad, unpad } from "../../../src/crypto/secret/padding.ts";
import { sealWithNonce } from "../../../src/crypto/secret/seal.ts";
import { sodium } from "../../../src/crypto/sodium.ts";
import {
  demand,
  encodeCbor,
  encodeDomain,
  parseBase64url,
  parseCbor,
  type DomainLabel,
  type HashLabel,
  type SealLabel,
  type SignLabel,
} from "../../../src/protocol/index.ts";
import { fromHex, type Hex } from "../hex.ts";

interface Sealing {
  key: Hex;
  label: SealLabel;
  ad: Hex;
}

/** What PROTOCOL.md §1 defines. */
export const conventions = {
  domain: ({ label }: { label: DomainLabel }) => ({ context: encodeDomain(label) }),

  hash: ({ label, parts }: { label: HashLabel | `ad/${SealLabel}`; parts: Hex[] }) => ({ digest: hash(label, ...parts.map(fromHex)) }),

  "derive-key": ({ key, label, context }: { key: Hex; label: DerivationLabel; context: Hex[] }) => ({
    derived: deriveKey(fromHex(key), label, ...context.map(fromHex)),
  }),

  sign: ({ seed, label, message }: { seed: Hex; label: SignLabel; message: Hex }) => {
    const { publicKey, privateKey } = sodium.crypto_sign_seed_keypair(fromHex(seed));
    return { publicKey, signature: sign(privateKey, label, fromHex(message)) };
  },

  "verify-signature": ({ publicKey, label, message, signature }: { publicKey: Hex; label: SignLabel; message: Hex; signature: Hex }) => {
    demand(verifySignature(fromHex(publicKey), label, fromHex(message), fromHex(signature)), "bad-sig");
    return {};
  },

  seal: ({ key, label, ad, nonce, plaintext }: Sealing & { nonce: Hex; plaintext: Hex }) => ({
    sealed: sealWithNonce(fromHex(nonce), fromHex(key), label, fromHex(ad), fromHex(plaintext)),
  }),

  open: ({ key, label, ad, sealed }: Sealing & { sealed: Hex }) => ({
    plaintext: open(fromHex(key), label, fromHex(ad), fromHex(sealed)),
  }),

  pad: ({ content }: { content: Hex }) => ({ padded: pad(fromHex(content)) }),

  unpad: ({ padded }: { padded: Hex }) => ({ content: unpad(fromHex(padded)) }),

  "parse-base64url": ({ text }: { text: string }) => ({ bytes: parseBase64url(text) }),

  "parse-cbor": ({ bytes, maxBytes }: { bytes: Hex; maxBytes: number }) => {
    const value = parseCbor(fromHex(bytes), { maxBytes });
    return { again: encodeCbor(value) };
  },
};
