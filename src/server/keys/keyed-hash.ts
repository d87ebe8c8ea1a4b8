import { hashEmail, unknownUserId } from "../../crypto/relay/index.ts";
import type { KeyedHash } from "../../domain/ports/index.ts";

/** Hashes under a 32-byte secret that lies outside the database. */
export function createKeyedHash(secret: Uint8Array): KeyedHash {
  return {
    emailHash: (email) => hashEmail(secret, email),
    unknownUserId: (username) => unknownUserId(secret, username),
  };
}
