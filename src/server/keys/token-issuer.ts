import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { type JWTHeaderParameters, jwtVerify, SignJWT } from "jose";
import { deriveRefreshToken, parseRefreshToken } from "../../crypto/relay/index.ts";
import type { TokenIssuer } from "../../domain/ports/index.ts";
import { encodeBase64url, HASH_BYTES, parseBase64url, SESSION_ID_BYTES } from "../../protocol/index.ts";

const ALGORITHM = "EdDSA";
/** RFC 9068: an access token is no other kind of JWT. */
const TOKEN_TYPE = "at+jwt";
const MAX_TOKEN_CHARACTERS = 2_048;
/** Of a PKCS #8 Ed25519 private key, before the 32-byte seed. */
const PKCS8_PREFIX = Uint8Array.from([0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20]);

/** An Ed25519 key that signs access tokens, and its name in their header. */
export interface TokenKey {
  kid: string;
  /** 32 bytes. */
  seed: Uint8Array;
}

export interface TokenIssuerOptions {
  /** The first signs; the others are still accepted. */
  keys: readonly [TokenKey, ...TokenKey[]];
  /** 32 bytes. */
  refreshSecret: Uint8Array;
  issuer: string;
  audience: string;
  accessTokenSeconds: number;
}

/** Access tokens as EdDSA JWTs, whose key comes from these options and never from the token; refresh tokens as derived secrets. */
export function createTokenIssuer({ keys, refreshSecret, issuer, audience, accessTokenSeconds }: TokenIssuerOptions): TokenIssuer {
  const signingKey = privateKeyOf(keys[0]);
  const header = { alg: ALGORITHM, typ: TOKEN_TYPE, kid: keys[0].kid };
  const publicKeys = new Map(keys.map((key) => [key.kid, createPublicKey(privateKeyOf(key))]));

  function findPublicKey({ kid }: JWTHeaderParameters): KeyObject {
    const key = publicKeys.get(kid ?? "");
    if (!key) throw new Error("a token that names no key of this relay");
    return key;
  }

  return {
    accessTokenSeconds,

    async issueAccessToken(userId, sessionId, nowMs) {
      const issuedAt = Math.floor(nowMs / 1000);
      const expiresAt = issuedAt + accessTokenSeconds;
      const accessToken = await new SignJWT({ sid: encodeBase64url(sessionId) })
        .setProtectedHeader(header)
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(encodeBase64url(userId))
        .setIssuedAt(issuedAt)
        .setExpirationTime(expiresAt)
        .sign(signingKey);
      return { accessToken, expiresAtMs: expiresAt * 1000 };
    },

    async verifyAccessToken(accessToken, nowMs) {
      if (accessToken.length > MAX_TOKEN_CHARACTERS) return undefined;
      try {
        const { payload } = await jwtVerify(accessToken, findPublicKey, {
          algorithms: [ALGORITHM],
          typ: TOKEN_TYPE,
          issuer,
          audience,
          requiredClaims: ["exp", "sub", "sid"],
          currentDate: new Date(nowMs),
        });
        return { userId: parseId(payload.sub, HASH_BYTES), sessionId: parseId(payload["sid"], SESSION_ID_BYTES), expiresAtMs: Number(payload.exp) * 1000 };
      } catch {
        // Why a token is not valid is of use to forgers only.
        return undefined;
      }
    },

    deriveRefreshToken: (sessionId, counter) => deriveRefreshToken(refreshSecret, sessionId, counter),
    parseRefreshToken,
  };
}

function privateKeyOf({ seed }: TokenKey): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: "der", type: "pkcs8" });
}

function parseId(claim: unknown, length: number): Uint8Array {
  const bytes = parseBase64url(String(claim));
  if (bytes.length !== length) throw new Error("an id of another length");
  return bytes;
}
