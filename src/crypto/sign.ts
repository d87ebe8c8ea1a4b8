import type { SignLabel } from "../protocol/index.ts";
import { domainInput } from "./domain-input.ts";
import { sodium } from "./sodium.ts";

/** An Ed25519 key pair; secretKey has 64 bytes. */
export interface SigningKeyPair {
  publicKey: Uint8Array;
  secretKey: Uint8Array;
}

/** SIG of PROTOCOL.md §1: 64 bytes over the label and the message. */
export function sign(secretKey: Uint8Array, label: SignLabel, message: Uint8Array): Uint8Array {
  return sodium.crypto_sign_detached(domainInput(`sig/${label}`, [message]), secretKey);
}
