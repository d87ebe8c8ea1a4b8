import { sodium } from "../../../src/crypto/sodium.ts";

const MAX_KNOWN = 50_000;

/**
 * All devices live in this process and verify the same signatures. That one holds follows from its bytes alone: libsodium is
 * asked once, and again for whatever it refused. Answers the function that ends this.
 */
export function verifyOnce(): () => void {
  const verify = sodium.crypto_sign_verify_detached;
  const held = new Set<string>();
  sodium.crypto_sign_verify_detached = (signature, message, publicKey) => {
    const key = [signature, publicKey, message].map((part) => Buffer.from(part).toString("latin1")).join("");
    if (held.has(key)) return true;
    const holds = verify(signature, message, publicKey);
    if (held.size >= MAX_KNOWN) held.clear();
    if (holds) held.add(key);
    return holds;
  };
  return () => void (sodium.crypto_sign_verify_detached = verify);
}
