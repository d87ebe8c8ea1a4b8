import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { deriveKey, hash, open, ready, seal } from "../../src/crypto/index.ts";
import { pad, unpad } from "../../src/crypto/secret/padding.ts";
import { sealWithNonce } from "../../src/crypto/secret/seal.ts";
import { sodium } from "../../src/crypto/sodium.ts";
import { concatBytes, encodeDomain, equalBytes, SEAL_LABELS, u8 } from "../../src/protocol/index.ts";
import { filled, withByte } from "./support/bytes.ts";
import { expectRefusal } from "./support/refusal.ts";

beforeAll(ready);

const key = filled(32, 1);
const otherKey = filled(32, 2);
const ad = filled(7, 3);
const text = filled(40, 4);

describe("H and KDF", () => {
  it("are BLAKE2b-256 of the label's context and the parts", () => {
    const message = concatBytes(encodeDomain("card"), text, ad);
    expect(hash("card", text, ad)).toStrictEqual(sodium.crypto_generichash(32, message, null));
    const context = concatBytes(encodeDomain("vault-item"), u8(1));
    expect(deriveKey(key, "vault-item", u8(1))).toStrictEqual(sodium.crypto_generichash(32, context, key));
  });

  it("differ by label, by context and by key", () => {
    const results = [
      hash("card", text),
      hash("user", text),
      deriveKey(key, "vault-item", u8(1)),
      deriveKey(key, "vault-item", u8(2)),
      deriveKey(key, "wrap-pw", u8(1)),
      deriveKey(otherKey, "vault-item", u8(1)),
    ].map((bytes) => Buffer.from(bytes).toString("hex"));
    expect(new Set(results).size).toBe(results.length);
  });

  it("take keys of 16 to 64 bytes", () => {
    for (const length of [0, 15, 65]) expect(() => deriveKey(filled(length, 1), "wrap-rc")).toThrow(RangeError);
    for (const length of [16, 26, 64]) expect(deriveKey(filled(length, 1), "wrap-rc")).toHaveLength(32);
  });
});

describe("SEAL", () => {
  it("opens to what was sealed, 73 bytes longer, and never looks the same twice", () => {
    fc.assert(
      fc.property(fc.constantFrom(...SEAL_LABELS), fc.uint8Array(), fc.uint8Array({ maxLength: 300 }), (label, context, content) => {
        const sealed = seal(key, label, context, content);
        expect(sealed).toHaveLength(content.length + 73);
        expect(open(key, label, context, sealed)).toStrictEqual(new Uint8Array(content));
        expect(seal(key, label, context, content)).not.toStrictEqual(sealed);
      }),
    );
  });

  it("has the layout of the protocol", () => {
    const nonce = filled(24, 9);
    const adHash = hash("ad/wrap", ad);
    const encryptionKey = deriveKey(key, "seal-enc/wrap", nonce, adHash);
    const commitment = deriveKey(key, "seal-com/wrap", nonce, adHash);
    const ciphertext = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(text, adHash, null, nonce, encryptionKey);
    expect(sealWithNonce(nonce, key, "wrap", ad, text)).toStrictEqual(concatBytes(u8(1), nonce, commitment, ciphertext));
  });

  it("refuses every single changed byte, and every shorter or longer form, in the same way", () => {
    const sealed = seal(key, "thought", ad, text);
    for (let index = 0; index < sealed.length; index += 1) {
      expectRefusal("bad-seal", () => open(key, "thought", ad, withByte(sealed, index)));
      expectRefusal("bad-seal", () => open(key, "thought", ad, sealed.subarray(0, index)));
    }
    expectRefusal("bad-seal", () => open(key, "thought", ad, concatBytes(sealed, u8(0))));
  });

  it("refuses another key, another label and another context in the same way", () => {
    const sealed = seal(key, "thought", ad, text);
    expectRefusal("bad-seal", () => open(otherKey, "thought", ad, sealed));
    expectRefusal("bad-seal", () => open(key, "vault", ad, sealed));
    expectRefusal("bad-seal", () => open(key, "thought", filled(7, 4), sealed));
    expectRefusal("bad-seal", () => open(key, "thought", new Uint8Array(), sealed));
  });

  it("is committed to its key: a ciphertext that decrypts is refused without the right commitment", () => {
    const nonce = filled(24, 9);
    const adHash = hash("ad/thought", ad);
    const encryptionKey = deriveKey(key, "seal-enc/thought", nonce, adHash);
    const ciphertext = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(text, adHash, null, nonce, encryptionKey);
    const foreign = deriveKey(otherKey, "seal-com/thought", nonce, adHash);
    expectRefusal("bad-seal", () => open(key, "thought", ad, concatBytes(u8(1), nonce, foreign, ciphertext)));
  });

  it("has one version: the version byte is not covered by the cipher, so it is compared", () => {
    const sealed = seal(key, "thought", ad, text);
    expectRefusal("bad-seal", () => open(key, "thought", ad, concatBytes(u8(2), sealed.subarray(1))));
  });
});

describe("padding", () => {
  it("comes off again and leaves buckets only", () => {
    fc.assert(
      fc.property(fc.nat(70_000), (length) => {
        const content = filled(length, 0x80);
        const padded = pad(content);
        expect(padded.length).toBeGreaterThan(length);
        expect(Math.log2(padded.length) % 1 === 0 || padded.length % 65_536 === 0).toBe(true);
        expect(equalBytes(unpad(padded), content)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it("hides whether a text has 1 or 200 characters", () => {
    expect(pad(filled(1, 1))).toHaveLength(256);
    expect(pad(filled(200, 1))).toHaveLength(256);
    expect(pad(filled(256, 1))).toHaveLength(512);
  });

  it("is refused when it is none, or of a length that is no bucket", () => {
    expectRefusal("bad-padding", () => unpad(filled(256, 0)));
    expectRefusal("bad-padding", () => unpad(filled(256, 1)));
    expectRefusal("bad-padding", () => unpad(new Uint8Array()));
    expectRefusal("bad-padding", () => unpad(sodium.pad(filled(10, 1), 128)));
    expectRefusal("bad-padding", () => unpad(sodium.pad(filled(700, 1), 768)));
  });
});
