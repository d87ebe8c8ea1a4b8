import { createHash, createPublicKey, verify } from "node:crypto";
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { hsalsa, xsalsa20poly1305 } from "@noble/ciphers/salsa.js";
import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import { blake2b } from "@noble/hashes/blake2.js";
import { ml_kem768 as mlKem } from "@noble/post-quantum/ml-kem.js";
import { type Bytes, concat, demand, equal, refuseAs, u8, utf8 } from "./bytes.ts";

/** L(l) of PROTOCOL.md §1. */
export function context(label: string): Bytes {
  const text = utf8(`pb/1/${label}`);
  return concat(u8(text.length), text);
}

export const hash = (label: string, ...parts: Bytes[]): Bytes => blake2b(concat(context(label), ...parts), { dkLen: 32 });

export const deriveKey = (key: Bytes, label: string, ...parts: Bytes[]): Bytes => blake2b(concat(context(label), ...parts), { dkLen: 32, key });

export const signPublicKey = (seed: Bytes): Bytes => ed25519.getPublicKey(seed);

export const sign = (seed: Bytes, label: string, message: Bytes): Bytes => ed25519.sign(concat(context(`sig/${label}`), message), seed);

/** OpenSSL compares the bytes of R, without the cofactor; what it lets pass are keys and R of low order. */
export function verifySignature(publicKey: Bytes, label: string, message: Bytes, signature: Bytes): void {
  const isSigned = refuseAs("bad-sig", () => {
    const points = [publicKey, signature.slice(0, 32)].map((bytes) => ed25519.Point.fromBytes(bytes));
    const key = { kty: "OKP", crv: "Ed25519", x: Buffer.from(publicKey).toString("base64url") };
    const signed = concat(context(`sig/${label}`), message);
    return !points.some((point) => point.isSmallOrder()) && verify(null, signed, createPublicKey({ key, format: "jwk" }), signature);
  });
  demand(isSigned, "bad-sig");
}

const sealVersion = u8(1);

function sealingOf(key: Bytes, label: string, ad: Bytes, nonce: Bytes): { commitment: Bytes; cipher: ReturnType<typeof xchacha20poly1305> } {
  const a = hash(`ad/${label}`, ad);
  const cipher = xchacha20poly1305(deriveKey(key, `seal-enc/${label}`, nonce, a), nonce, a);
  return { commitment: deriveKey(key, `seal-com/${label}`, nonce, a), cipher };
}

export function seal(key: Bytes, label: string, ad: Bytes, nonce: Bytes, plaintext: Bytes): Bytes {
  const { commitment, cipher } = sealingOf(key, label, ad, nonce);
  return concat(sealVersion, nonce, commitment, cipher.encrypt(plaintext));
}

export function open(key: Bytes, label: string, ad: Bytes, sealed: Bytes): Bytes {
  demand(sealed.length >= 73 && sealed[0] === 1, "bad-seal");
  const { commitment, cipher } = sealingOf(key, label, ad, sealed.slice(1, 25));
  demand(equal(commitment, sealed.slice(25, 57)), "bad-seal");
  return refuseAs("bad-seal", () => cipher.decrypt(sealed.slice(57)));
}

export interface BoxKeys {
  publicKey: Bytes;
  secretKey: Bytes;
}

export function boxKeysOf(seed: Bytes): BoxKeys {
  const secretKey = Uint8Array.from(createHash("sha512").update(seed).digest().subarray(0, 32));
  return { secretKey, publicKey: x25519.getPublicKey(secretKey) };
}

const words = (bytes: Bytes): Uint32Array => new Uint32Array(Uint8Array.from(bytes).buffer);

/** The cipher of a sealed box between an ephemeral key and the recipient's: whoever has either secret key finds it. */
function boxCipher(secretKey: Bytes, otherKey: Bytes, ephemeralKey: Bytes, recipientKey: Bytes): ReturnType<typeof xsalsa20poly1305> {
  const key = new Uint32Array(8);
  hsalsa(words(utf8("expand 32-byte k")), words(x25519.getSharedSecret(secretKey, otherKey)), new Uint32Array(4), key);
  return xsalsa20poly1305(new Uint8Array(key.buffer), blake2b(concat(ephemeralKey, recipientKey), { dkLen: 24 }));
}

/** Throws for a public key of low order: nothing can be sealed to it. */
export function sealBox(ephemeral: BoxKeys, recipientKey: Bytes, message: Bytes): Bytes {
  return concat(ephemeral.publicKey, boxCipher(ephemeral.secretKey, recipientKey, ephemeral.publicKey, recipientKey).encrypt(message));
}

export function openBox({ publicKey, secretKey }: BoxKeys, box: Bytes): Bytes {
  const ephemeralKey = box.slice(0, 32);
  return boxCipher(secretKey, ephemeralKey, ephemeralKey, publicKey).decrypt(box.slice(32));
}

export const kemKeysOf = (seed: Bytes): { publicKey: Bytes; secretKey: Bytes } => mlKem.keygen(seed);
export const encapsulate = (publicKey: Bytes, coins: Bytes): { cipherText: Bytes; sharedSecret: Bytes } => mlKem.encapsulate(publicKey, coins);
export const decapsulate = (cipherText: Bytes, secretKey: Bytes): Bytes => mlKem.decapsulate(cipherText, secretKey);
