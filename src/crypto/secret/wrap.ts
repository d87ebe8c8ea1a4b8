import { concatBytes, EXPORT_KEY_BYTES, KEY_BYTES, sized, u32, u8, type UserId } from "../../protocol/index.ts";
import { deriveKey } from "../kdf.ts";
import { open, seal } from "./seal.ts";

const BY_PASSWORD = 1;
const BY_RECOVERY_CODE = 2;

/** The master key under the password's exportKey of 64 bytes; 105 bytes (PROTOCOL.md §6). */
export function wrapWithPassword(
  exportKey: Uint8Array,
  userId: UserId,
  wrapVersion: number,
  masterKey: Uint8Array,
): Uint8Array {
  return seal(passwordKey(exportKey), "wrap", wrapAd(userId, BY_PASSWORD, wrapVersion), sized(masterKey, KEY_BYTES));
}

/** @throws ProtocolError bad-seal */
export function unwrapWithPassword(
  exportKey: Uint8Array,
  userId: UserId,
  wrapVersion: number,
  wrap: Uint8Array,
): Uint8Array {
  return open(passwordKey(exportKey), "wrap", wrapAd(userId, BY_PASSWORD, wrapVersion), wrap);
}

/** The master key under a recovery code's 26 bytes; 105 bytes (PROTOCOL.md §6). */
export function wrapWithRecoveryCode(
  rc: Uint8Array,
  userId: UserId,
  wrapVersion: number,
  masterKey: Uint8Array,
): Uint8Array {
  return seal(recoveryKey(rc), "wrap", wrapAd(userId, BY_RECOVERY_CODE, wrapVersion), sized(masterKey, KEY_BYTES));
}

/** @throws ProtocolError bad-seal */
export function unwrapWithRecoveryCode(
  rc: Uint8Array,
  userId: UserId,
  wrapVersion: number,
  wrap: Uint8Array,
): Uint8Array {
  return open(recoveryKey(rc), "wrap", wrapAd(userId, BY_RECOVERY_CODE, wrapVersion), wrap);
}

const passwordKey = (exportKey: Uint8Array): Uint8Array => deriveKey(sized(exportKey, EXPORT_KEY_BYTES), "wrap-pw");
const recoveryKey = (rc: Uint8Array): Uint8Array => deriveKey(rc, "wrap-rc");

function wrapAd(userId: UserId, by: typeof BY_PASSWORD | typeof BY_RECOVERY_CODE, wrapVersion: number): Uint8Array {
  return concatBytes(userId, u8(by), u32(wrapVersion));
}
