import { encodeUtf8, HASH_BYTES, sized, type UserId } from "../../protocol/index.ts";
import { deriveKey } from "../kdf.ts";

/** What the relay keeps of the hash of an e-mail address: of no use without the secret, which lies outside the database. */
export function hashEmail(secret: Uint8Array, email: Uint8Array): Uint8Array {
  return deriveKey(secret, "email", sized(email, HASH_BYTES));
}

/** The id that an unknown user name is given at login, the same each time: no answer tells who exists (PROTOCOL.md §6). */
export function unknownUserId(secret: Uint8Array, username: string): UserId {
  return deriveKey(secret, "no-user", encodeUtf8(username));
}
