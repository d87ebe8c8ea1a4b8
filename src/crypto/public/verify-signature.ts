import type { SignLabel } from "../../protocol/index.ts";
import { domainInput } from "../domain-input.ts";
import { sodium } from "../sodium.ts";

/** VER of PROTOCOL.md §1. False for whatever is wrong: key, length or signature. */
export function verifySignature(
  publicKey: Uint8Array,
  label: SignLabel,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    return sodium.crypto_sign_verify_detached(signature, domainInput(`sig/${label}`, [message]), publicKey);
  } catch {
    return false;
  }
}
