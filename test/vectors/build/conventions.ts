import { deriveKey, hash, sign } from "../../../src/crypto/index.ts";
import { pad } from "../../../src/crypto/secret/padding.ts";
import { sealWithNonce } from "../../../src/crypto/secret/seal.ts";
import { sodium } from "../../../src/crypto/sodium.ts";
import { concatBytes, u8 } from "../../../src/protocol/index.ts";
import { fromHex, toHex } from "../hex.ts";
import { bytesFor, filled, withByte } from "./material.ts";
import { Topic } from "./topic.ts";

const GROUP_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

export function buildConventions(): Topic {
  const topic = new Topic("conventions", "§1");
  addHashes(topic);
  addSignatures(topic);
  addSeals(topic);
  addPadding(topic);
  addBase64url(topic);
  return topic;
}

function addHashes(topic: Topic): void {
  topic.add("domain", "domain-user", "ok", "L of a hash label", { label: "user" });
  topic.add("domain", "domain-sig", "ok", "L of a signature label carries the prefix sig/", { label: "sig/card-next" });
  topic.add("domain", "domain-seal", "ok", "L of a SEAL's encryption key", { label: "seal-enc/epoch-back" });
  topic.add("hash", "hash-one-part", "ok", "H of one part", { label: "payload", parts: [toHex(bytesFor("payload", 40))] });
  topic.add("hash", "hash-three-parts", "ok", "H joins its parts", { label: "safety", parts: ["a", "b", "c"].map((name) => toHex(bytesFor(name))) });
  topic.add("hash", "hash-nothing", "ok", "H of nothing is not the hash of its label's text", { label: "card", parts: [""] });
  topic.add("hash", "hash-ad", "ok", "H of associated data", { label: "ad/wrap", parts: [toHex(bytesFor("ad", 37))] });
  for (const length of [16, 26, 32, 64]) {
    const key = toHex(bytesFor("key", length));
    topic.add("derive-key", `derive-${length}`, "ok", `KDF with a key of ${length} bytes`, { key, label: "wrap-rc", context: [] });
  }
  const context = [toHex(bytesFor("author")), "00000007"];
  topic.add("derive-key", "derive-context", "ok", "KDF with a context", { key: toHex(bytesFor("key")), label: "thought-key", context });
}

function addSignatures(topic: Topic): void {
  const seed = bytesFor("signer");
  const { publicKey, privateKey } = sodium.crypto_sign_seed_keypair(seed);
  const message = bytesFor("message", 50);
  const signature = sign(privateKey, "entry", message);
  topic.add("sign", "sign", "ok", "SIG signs the label's context and the message", { seed: toHex(seed), label: "entry", message: toHex(message) });

  const add = (id: string, expect: "ok" | "bad-sig", description: string, change: { publicKey?: Uint8Array; message?: Uint8Array; signature?: Uint8Array }) => {
    const input = { publicKey, message, signature, ...change };
    topic.add("verify-signature", id, expect, description, {
      publicKey: toHex(input.publicKey),
      label: "entry",
      message: toHex(input.message),
      signature: toHex(input.signature),
    });
  };
  const other = sodium.crypto_sign_seed_keypair(bytesFor("another signer"));
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString("hex")}`) + GROUP_ORDER;
  const malleated = fromHex(s.toString(16).padStart(64, "0")).reverse();
  add("verify", "ok", "a signature verifies under its label", {});
  add("verify-other-label", "bad-sig", "the same key signed the same message under another label", { signature: sign(privateKey, "card", message) });
  add("verify-no-label", "bad-sig", "a signature of the bare message", { signature: sodium.crypto_sign_detached(message, privateKey) });
  add("verify-other-message", "bad-sig", "another message", { message: withByte(message, 3) });
  add("verify-other-key", "bad-sig", "another key", { publicKey: other.publicKey });
  add("verify-changed-r", "bad-sig", "one bit of R changed", { signature: withByte(signature, 5, 4) });
  add("verify-changed-s", "bad-sig", "one bit of S changed", { signature: withByte(signature, 40, 4) });
  add("verify-malleated", "bad-sig", "S plus the group's order: there is one form of each signature", {
    signature: concatBytes(signature.subarray(0, 32), malleated),
  });
  add("verify-low-order-key", "bad-sig", "a key of small order, for which R = 1 and S = 0 satisfy the equation", {
    publicKey: fromHex(`01${"00".repeat(31)}`),
    signature: fromHex(`01${"00".repeat(63)}`),
  });
  add("verify-short-signature", "bad-sig", "63 bytes of signature", { signature: signature.subarray(0, 63) });
  add("verify-short-key", "bad-sig", "31 bytes of key", { publicKey: publicKey.subarray(1) });
}

function addSeals(topic: Topic): void {
  const [key, ad, nonce, plaintext] = [bytesFor("seal key"), bytesFor("seal ad", 37), bytesFor("seal nonce", 24), bytesFor("plaintext", 45)];
  const sealed = sealWithNonce(nonce, key, "wrap", ad, plaintext);
  const given = { key: toHex(key), label: "wrap", ad: toHex(ad) } as const;
  topic.add("seal", "seal", "ok", "SEAL under a given nonce", { ...given, nonce: toHex(nonce), plaintext: toHex(plaintext) });
  topic.add("seal", "seal-nothing", "ok", "SEAL of nothing is 73 bytes", { ...given, nonce: toHex(nonce), plaintext: "" });

  const add = (id: string, description: string, bytes: Uint8Array, change: Partial<{ key: string; label: "wrap" | "vault"; ad: string }> = {}) =>
    topic.add("open", id, "bad-seal", description, { ...given, ...change, sealed: toHex(bytes) });
  topic.add("open", "open", "ok", "OPEN gives the plaintext", { ...given, sealed: toHex(sealed) });
  topic.add("open", "open-nothing", "ok", "OPEN of 73 bytes gives nothing", { ...given, sealed: toHex(sealWithNonce(nonce, key, "wrap", ad, new Uint8Array())) });
  add("open-version", "another version; no cipher covers that byte", withByte(sealed, 0, 3));
  add("open-short", "72 bytes", sealed.subarray(0, 72));
  add("open-empty", "no bytes", new Uint8Array());
  add("open-truncated", "the last byte is missing", sealed.subarray(0, -1));
  add("open-longer", "a byte too many", concatBytes(sealed, u8(0)));
  add("open-nonce", "a bit of the nonce changed", withByte(sealed, 1));
  add("open-commitment", "a bit of the commitment changed", withByte(sealed, 25));
  add("open-ciphertext", "a bit of the ciphertext changed", withByte(sealed, 57));
  add("open-tag", "a bit of the tag changed", withByte(sealed, -1));
  add("open-other-key", "another key", sealed, { key: toHex(bytesFor("another key")) });
  add("open-other-label", "another label", sealed, { label: "vault" });
  add("open-other-ad", "other associated data", sealed, { ad: toHex(withByte(ad, 0)) });
  add("open-no-ad", "no associated data", sealed, { ad: "" });

  const foreign = deriveKey(bytesFor("another key"), "seal-com/wrap", nonce, hash("ad/wrap", ad));
  add("open-foreign-commitment", "a ciphertext that decrypts but is committed to another key", concatBytes(sealed.subarray(0, 25), foreign, sealed.subarray(57)));
}

function addPadding(topic: Topic): void {
  for (const length of [0, 1, 255, 256, 511, 1000]) {
    topic.add("pad", `pad-${length}`, "ok", `${length} bytes go to the smallest bucket above`, { content: toHex(bytesFor("content", length)) });
  }
  const padded = pad(bytesFor("content", 100));
  topic.add("unpad", "unpad", "ok", "the padding comes off", { padded: toHex(padded) });
  topic.add("unpad", "unpad-0x80", "ok", "content that ends in 0x80 keeps it", { padded: toHex(pad(filled(9, 0x80))) });
  topic.add("unpad", "unpad-larger", "ok", "a larger bucket than needed is a bucket too", { padded: toHex(sodium.pad(filled(10, 1), 512)) });
  topic.add("unpad", "unpad-most", "ok", "a whole bucket of padding", { padded: toHex(pad(new Uint8Array())) });

  const add = (id: string, description: string, bytes: Uint8Array) => topic.add("unpad", id, "bad-padding", description, { padded: toHex(bytes) });
  add("unpad-empty", "no bytes", new Uint8Array());
  add("unpad-none", "a bucket without a marker", filled(256, 0));
  add("unpad-full", "a bucket full of content", filled(256, 1));
  add("unpad-after-marker", "something else than zeros after the marker", withByte(padded, -1));
  add("unpad-128", "well padded, but 128 bytes are no bucket", sodium.pad(filled(10, 1), 128));
  add("unpad-768", "well padded, but 768 bytes are no bucket", sodium.pad(filled(700, 1), 768));
  add("unpad-257", "a byte more than a bucket", concatBytes(u8(0), padded));
}

function addBase64url(topic: Topic): void {
  const add = (id: string, expect: "ok" | "bad-encoding", description: string, text: string) =>
    topic.add("parse-base64url", `base64url-${id}`, expect, description, { text });
  add("empty", "ok", "no text, no bytes", "");
  add("one", "ok", "one byte", "AQ");
  add("alphabet", "ok", "both characters that are not in base64", "-_8");
  add("padded", "bad-encoding", "with padding", "AQ==");
  add("standard", "bad-encoding", "the alphabet of base64", "+/8");
  add("length", "bad-encoding", "a length that no bytes have", "AQEBA");
  add("unused-bits", "bad-encoding", "unused bits that are not zero", "AR");
  add("space", "bad-encoding", "white space", "AQ A");
  add("letter", "bad-encoding", "a letter beyond ASCII", "AQé");
}
