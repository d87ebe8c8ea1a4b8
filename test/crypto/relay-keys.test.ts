import { beforeAll, describe, expect, it } from "vitest";
import { emailHashOf, ready } from "../../src/crypto/index.ts";
import {
  deriveReceiptKey,
  deriveRefreshToken,
  generateReceiptSeed,
  hashEmail,
  parseRefreshToken,
  unknownUserId,
} from "../../src/crypto/relay/index.ts";
import { encodeBase64url, encodeUtf8 } from "../../src/protocol/index.ts";
import { filled } from "./support/bytes.ts";

beforeAll(ready);

const [secret, otherSecret] = [filled(32, 1), filled(32, 2)];
const sessionId = filled(16, 3);

describe("a keyed hash", () => {
  it("is the same each time and of no use without the secret", () => {
    expect(hashEmail(secret, emailHashOf("a@example.org"))).toStrictEqual(hashEmail(secret, emailHashOf("a@example.org")));
    expect(hashEmail(secret, emailHashOf("a@example.org"))).not.toStrictEqual(hashEmail(otherSecret, emailHashOf("a@example.org")));
    expect(hashEmail(secret, emailHashOf("a@example.org"))).not.toStrictEqual(hashEmail(secret, emailHashOf("b@example.org")));
    expect(unknownUserId(secret, "a")).toHaveLength(32);
    expect(unknownUserId(secret, "a")).not.toStrictEqual(unknownUserId(otherSecret, "a"));
    expect(unknownUserId(secret, "a")).not.toStrictEqual(unknownUserId(secret, "b"));
    expect(() => hashEmail(secret, filled(31, 1))).toThrow(RangeError);
    expect(unknownUserId(secret, "a".repeat(32))).not.toStrictEqual(hashEmail(secret, encodeUtf8("a".repeat(32))));
  });

  it("is taken of what a client sends instead of an address: the hash of its one spelling, under a label of its own", () => {
    expect(Buffer.from(emailHashOf(" Ann@Example.org ")).toString("hex")).toBe("93c0bb10c1faae0d099f44fe9ddfa4f57384a78ae5266fededfe8fd3785908de");
  });
});

describe("what a database keeps", () => {
  it("is made under labels of its own, so that it stays readable", () => {
    const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
    expect(hex(hashEmail(secret, filled(32, 9)))).toBe("1d8862888e5da5c5afee688c4f20f8025841cf522b2579fd41ae60319722f5ad");
    expect(hex(unknownUserId(secret, "nobody"))).toBe("ed6918841b160b0020fbbebb1240d5b9b2e0334de79efc0218e212eec883adbf");
    const token = deriveRefreshToken(secret, sessionId, 7);
    expect(token).toBe("AwMDAwMDAwMDAwMDAwMDAwAAAAdnHb8OvNhvDR_JeqhgECq0KdDRRMr94rRRfJe_XT2GQg");
    expect(hex(parseRefreshToken(token)?.hash ?? new Uint8Array())).toBe("3448ea7a7d99dce5d004ffb108c6dc7ea12b8203b90dbdb344e7ca6c8c4c6a38");
  });
});

describe("a refresh token", () => {
  it("is the same for the same step of a session, so that a lost answer can be given again", () => {
    expect(deriveRefreshToken(secret, sessionId, 7)).toBe(deriveRefreshToken(secret, sessionId, 7));
    const others = [deriveRefreshToken(secret, sessionId, 8), deriveRefreshToken(secret, filled(16, 4), 7), deriveRefreshToken(otherSecret, sessionId, 7)];
    for (const other of others) expect(other).not.toBe(deriveRefreshToken(secret, sessionId, 7));
  });

  it("cannot be made up from another one: its secret part is of its own session and step", () => {
    const secretPart = (session: Uint8Array, counter: number) =>
      Buffer.from(deriveRefreshToken(secret, session, counter), "base64url").subarray(20).toString("hex");
    expect(new Set([secretPart(sessionId, 7), secretPart(sessionId, 8), secretPart(filled(16, 4), 7)]).size).toBe(3);
  });

  it("tells its session and step, and a hash that is stored in its place", () => {
    const token = deriveRefreshToken(secret, sessionId, 7);
    const parsed = parseRefreshToken(token);
    expect(parsed).toMatchObject({ sessionId, counter: 7 });
    expect(parsed?.hash).toHaveLength(32);
    expect(parseRefreshToken(deriveRefreshToken(otherSecret, sessionId, 7))?.hash).not.toStrictEqual(parsed?.hash);
  });

  it.each(["", "abc", "not base64!", encodeBase64url(filled(51, 1)), encodeBase64url(filled(53, 1))])("%j is none", (text) => {
    expect(parseRefreshToken(text)).toBeUndefined();
  });

  it("has a session id of 16 bytes", () => {
    expect(() => deriveRefreshToken(secret, filled(15, 1), 0)).toThrow(RangeError);
  });
});

describe("the receipt key", () => {
  it("comes back from its seed", () => {
    const seed = generateReceiptSeed();
    expect(deriveReceiptKey(seed)).toStrictEqual(deriveReceiptKey(seed));
    expect(deriveReceiptKey(generateReceiptSeed()).publicKey).not.toStrictEqual(deriveReceiptKey(seed).publicKey);
    expect(() => deriveReceiptKey(filled(31, 1))).toThrow(RangeError);
  });
});
