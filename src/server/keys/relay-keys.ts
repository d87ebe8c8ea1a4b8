import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";
import { createOpaqueSetup, generateReceiptSeed, opaqueReady } from "../../crypto/relay/index.ts";
import { ready } from "../../crypto/public.ts";
import { encodeBase64url, parseBase64url } from "../../protocol/index.ts";
import type { TokenKey } from "./token-issuer.ts";

/** The relay's own keys. They lie in relay.keys and never in the database, so that a stolen database alone is of little use. */
export interface RelayKeys {
  /** 32 bytes, of the key that signs receipts. PROTOCOL.md §3. */
  receiptSeed: Uint8Array;
  /** OPAQUE's server setup, in the form of its library. PROTOCOL.md §6. */
  opaqueSetup: string;
  /** 32 bytes, for what the database keeps of e-mail addresses. */
  hashSecret: Uint8Array;
  /** 32 bytes, from which refresh tokens are derived. */
  refreshSecret: Uint8Array;
  /** The first signs access tokens; the others are still accepted. */
  tokenKeys: readonly [TokenKey, ...TokenKey[]];
}

const SECRET_BYTES = 32;
const FILE_VERSION = 1;

const secret = z.string().transform((text, context) => {
  const bytes = tryParse(text);
  if (bytes?.length === SECRET_BYTES) return bytes;
  context.addIssue({ code: "custom", message: `must be ${SECRET_BYTES} bytes in base64url` });
  return z.NEVER;
});
const tokenKey = z.strictObject({ kid: z.string().min(1).max(64), seed: secret });
const file = z.strictObject({
  version: z.literal(FILE_VERSION),
  receiptSeed: secret,
  opaqueSetup: z.string().min(1),
  hashSecret: secret,
  refreshSecret: secret,
  tokenKeys: z.tuple([tokenKey], tokenKey),
});

/** Fresh keys for a new relay. */
export async function generateRelayKeys(): Promise<RelayKeys> {
  await ready();
  await opaqueReady();
  return {
    receiptSeed: generateReceiptSeed(),
    opaqueSetup: createOpaqueSetup(),
    hashSecret: generateSecret(),
    refreshSecret: generateSecret(),
    tokenKeys: [{ kid: encodeBase64url(randomBytes(8)), seed: generateSecret() }],
  };
}

function generateSecret(): Uint8Array {
  return new Uint8Array(randomBytes(SECRET_BYTES));
}

export function encodeRelayKeys(keys: RelayKeys): string {
  const encoded = {
    version: FILE_VERSION,
    receiptSeed: encodeBase64url(keys.receiptSeed),
    opaqueSetup: keys.opaqueSetup,
    hashSecret: encodeBase64url(keys.hashSecret),
    refreshSecret: encodeBase64url(keys.refreshSecret),
    tokenKeys: keys.tokenKeys.map(({ kid, seed }) => ({ kid, seed: encodeBase64url(seed) })),
  };
  return `${JSON.stringify(encoded, null, 2)}\n`;
}

/** Throws an error that names what is wrong and quotes none of it. */
export function parseRelayKeys(text: string): RelayKeys {
  const parsed = file.safeParse(tryParseJson(text));
  if (!parsed.success) throw new Error(parsed.error.issues.map(({ path }) => path.join(".") || "the whole file").join(", "));
  const { receiptSeed, opaqueSetup, hashSecret, refreshSecret, tokenKeys } = parsed.data;
  return { receiptSeed, opaqueSetup, hashSecret, refreshSecret, tokenKeys };
}

/**
 * Tells these keys from others without giving any of them away: a hash over those whose loss cannot be made good. The keys of
 * tokens are not among them, so that an operator can replace those and cost people no more than a new login.
 */
export function fingerprintOf({ receiptSeed, opaqueSetup, hashSecret }: RelayKeys): string {
  const parts = [encodeBase64url(receiptSeed), opaqueSetup, encodeBase64url(hashSecret)];
  return createHash("sha256").update(JSON.stringify(["relay.keys", ...parts])).digest("hex");
}

function tryParse(text: string): Uint8Array | undefined {
  try {
    return parseBase64url(text);
  } catch {
    return undefined;
  }
}

function tryParseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
