import { argon2idAsync, type ArgonOpts } from "@noble/hashes/argon2.js";
import { ARCHIVE_SALT_BYTES, encodeUtf8, KEY_BYTES, sized } from "../../protocol/index.ts";
import { canonicalPassword, type PasswordOptions } from "./password.ts";

// What a guess at OPAQUE's record costs, with a salt of its own (docs/ARCHIVE.md). The memory is in KiB.
const STRETCHING: ArgonOpts = { version: 0x13, t: 3, m: 65_536, p: 4, dkLen: KEY_BYTES };
const UNSAFE_STRETCHING: ArgonOpts = { version: 0x13, t: 1, m: 8, p: 1, dkLen: KEY_BYTES };

/** The key that a password gives with a salt: Argon2id, about a second of work. Rejects with ProtocolError bad-text for a lone surrogate. */
export async function stretchPassword(password: string, salt: Uint8Array, { unsafeKeyStretching = false }: PasswordOptions = {}): Promise<Uint8Array> {
  const canonical = encodeUtf8(canonicalPassword(password));
  return argon2idAsync(canonical, sized(salt, ARCHIVE_SALT_BYTES), unsafeKeyStretching ? UNSAFE_STRETCHING : STRETCHING);
}
