import {
  ByteReader,
  concatBytes,
  encodeBase64url,
  KEY_BYTES,
  parseBase64url,
  SESSION_ID_BYTES,
  sized,
  u32,
} from "../../protocol/index.ts";
import { deriveKey } from "../kdf.ts";
import { hash } from "../public/hash.ts";

export interface RefreshToken {
  sessionId: Uint8Array;
  counter: number;
  /** What the database keeps. */
  hash: Uint8Array;
}

/** The refresh token of one step of a session: always the same for the same step, so that a lost answer can be given again. */
export function deriveRefreshToken(secret: Uint8Array, sessionId: Uint8Array, counter: number): string {
  const place = concatBytes(sized(sessionId, SESSION_ID_BYTES), u32(counter));
  return encodeBase64url(concatBytes(place, deriveKey(secret, "refresh-token", place)));
}

/** What a token claims to be: its hash has to be the stored one. Undefined when malformed. */
export function parseRefreshToken(token: string): RefreshToken | undefined {
  try {
    const bytes = parseBase64url(token);
    const reader = new ByteReader(bytes);
    const sessionId = reader.take(SESSION_ID_BYTES);
    const counter = reader.u32();
    reader.take(KEY_BYTES);
    reader.end();
    return { sessionId, counter, hash: hash("refresh-token-hash", bytes) };
  } catch {
    return undefined;
  }
}
