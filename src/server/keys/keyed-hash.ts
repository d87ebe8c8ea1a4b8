import { hashEmail, unknownUserId } from "../../crypto/relay/index.ts";
import type { KeyedHash } from "../../domain/ports.ts";

/** Hashes under a 32-byte secret that lies outside the database. */
export function createKeyedHash(secret: Uint8Array): KeyedHash {
  return {
    emailHash: (address) => hashEmail(secret, address),
    unknownUserId: (username) => unknownUserId(secret, username),
  };
}
