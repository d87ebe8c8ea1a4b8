import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { decodeProtectedHeader, type JWTPayload, SignJWT } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { ready } from "../../src/crypto/index.ts";
import { deriveReceiptKey } from "../../src/crypto/relay/index.ts";
import { encodeBase64url } from "../../src/protocol/index.ts";
import { createTokenIssuer, type TokenKey } from "../../src/server/keys/token-issuer.ts";

const NOW_MS = 1_800_000_000_000;
const NOW = NOW_MS / 1000;
const key: TokenKey = { kid: "present", seed: randomBytes(32) };
const options = { refreshSecret: randomBytes(32), issuer: "relay", audience: "peerbrain", accessTokenSeconds: 600 };
const issuer = createTokenIssuer({ ...options, keys: [key] });
const userId = new Uint8Array(randomBytes(32));
const sessionId = new Uint8Array(randomBytes(16));

beforeAll(() => ready());

const isAccepted = async (token: string, nowMs = NOW_MS) => (await issuer.verifyAccessToken(token, nowMs)) !== undefined;

describe("access tokens", () => {
  test("carry user and session for ten minutes", async () => {
    const { accessToken, expiresAtMs } = await issuer.issueAccessToken(userId, sessionId, NOW_MS);
    expect(expiresAtMs).toBe(NOW_MS + 600_000);
    expect(decodeProtectedHeader(accessToken)).toEqual({ alg: "EdDSA", typ: "at+jwt", kid: "present" });
    expect(await issuer.verifyAccessToken(accessToken, NOW_MS)).toEqual({ userId, sessionId, expiresAtMs });
    expect(await isAccepted(accessToken, NOW_MS + 599_999)).toBe(true);
    expect(await isAccepted(accessToken, NOW_MS + 600_000)).toBe(false);
  });

  test("of a key that was replaced are still accepted, and new ones are signed by its successor", async () => {
    const { accessToken, expiresAtMs } = await issuer.issueAccessToken(userId, sessionId, NOW_MS);
    const successor = createTokenIssuer({ ...options, keys: [{ kid: "next", seed: randomBytes(32) }, key] });
    expect(await successor.verifyAccessToken(accessToken, NOW_MS)).toEqual({ userId, sessionId, expiresAtMs });
    const next = await successor.issueAccessToken(userId, sessionId, NOW_MS);
    expect(decodeProtectedHeader(next.accessToken).kid).toBe("next");
    expect(await isAccepted(next.accessToken)).toBe(false);
  });

  const good = { sub: encodeBase64url(userId), sid: encodeBase64url(sessionId), iss: "relay", aud: "peerbrain", iat: NOW, exp: NOW + 600 };
  const header = { alg: "EdDSA", typ: "at+jwt", kid: "present" };

  test("that we build by hand are accepted when everything is right", async () => {
    expect(await isAccepted(await signed(good))).toBe(true);
  });

  const without = (claim: keyof typeof good): JWTPayload => ({ ...good, [claim]: undefined });
  test.each<[string, JWTPayload, object]>([
    ["no expiry", without("exp"), header],
    ["no user", without("sub"), header],
    ["no session", without("sid"), header],
    ["no issuer", without("iss"), header],
    ["no audience", without("aud"), header],
    ["another issuer", { ...good, iss: "elsewhere" }, header],
    ["another audience", { ...good, aud: "elsewhere" }, header],
    ["an expiry in the past", { ...good, exp: NOW }, header],
    ["a start in the future", { ...good, nbf: NOW + 1 }, header],
    ["a user id of another length", { ...good, sub: "AAAA" }, header],
    ["a session id of another length", { ...good, sid: "AAAA" }, header],
    ["a session id that is no text", { ...good, sid: 7 }, header],
    ["another name of the algorithm", good, { ...header, alg: "Ed25519" }],
    ["another type", good, { ...header, typ: "JWT" }],
    ["no type", good, { alg: "EdDSA", kid: "present" }],
    ["an unknown key", good, { ...header, kid: "unknown" }],
    ["no key", good, { alg: "EdDSA", typ: "at+jwt" }],
    ["a key of its own", good, { alg: "EdDSA", typ: "at+jwt", jwk: generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" }) }],
  ])("with %s are refused", async (_name, claims, wrongHeader) => {
    expect(await isAccepted(await signed(claims, wrongHeader))).toBe(false);
  });

  test("signed by somebody else, by nobody, or by HMAC with the public key are refused", async () => {
    const { privateKey } = generateKeyPairSync("ed25519");
    expect(await isAccepted(await new SignJWT(good).setProtectedHeader(header).sign(privateKey))).toBe(false);

    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
    expect(await isAccepted(`${encode({ ...header, alg: "none" })}.${encode(good)}.`)).toBe(false);

    const publicKey = createPublicKey({ key: Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), deriveReceiptKey(new Uint8Array(key.seed)).publicKey]), format: "der", type: "spki" });
    for (const secret of [publicKey.export({ format: "pem", type: "spki" }), publicKey.export({ format: "der", type: "spki" })]) {
      const content = `${encode({ ...header, alg: "HS256" })}.${encode(good)}`;
      expect(await isAccepted(`${content}.${createHmac("sha256", secret).update(content).digest("base64url")}`)).toBe(false);
    }
  });

  test("of any other shape are refused", async () => {
    const token = await signed(good);
    for (const wrong of ["", ".", "..", "a.b.c", token.slice(0, -1), `${token}A`, `${token}.${token}`, "A".repeat(100_000), token.replace(".", "..")]) {
      expect(await isAccepted(wrong), wrong.slice(0, 40)).toBe(false);
    }
  });

  function signed(claims: JWTPayload, protectedHeader: object = header): Promise<string> {
    const pkcs8 = { key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), key.seed]), format: "der" as const, type: "pkcs8" as const };
    return new SignJWT(claims).setProtectedHeader(protectedHeader as { alg: string }).sign(createPrivateKey(pkcs8));
  }
});

describe("refresh tokens", () => {
  test("are the same for the same step, and different for every other step, session and relay", () => {
    const token = issuer.deriveRefreshToken(sessionId, 3);
    expect(issuer.deriveRefreshToken(sessionId, 3)).toBe(token);
    const others = [
      issuer.deriveRefreshToken(sessionId, 4),
      issuer.deriveRefreshToken(new Uint8Array(16), 3),
      createTokenIssuer({ ...options, keys: [key], refreshSecret: randomBytes(32) }).deriveRefreshToken(sessionId, 3),
    ];
    expect(new Set([token, ...others]).size).toBe(4);
  });

  test("say which session and step they claim to be", () => {
    expect(issuer.parseRefreshToken(issuer.deriveRefreshToken(sessionId, 3))).toMatchObject({ sessionId, counter: 3 });
    for (const wrong of ["", "x", "ä", issuer.deriveRefreshToken(sessionId, 3).slice(4), "A".repeat(100_000)]) {
      expect(issuer.parseRefreshToken(wrong)).toBeUndefined();
    }
  });
});
