import { type Bytes, concat, demand, u32, u8, utf8 } from "./bytes.ts";
import { deriveKey, hash, open } from "./primitives.ts";

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const lookAlikes: Record<string, string> = { O: "0", I: "1", L: "1" };

/** What was typed, as the 26 bytes it stands for (PROTOCOL.md §6). */
export function parseRecoveryCode(typed: string): Bytes {
  const code = typed.replace(/[\s-]/g, "").toUpperCase().replace(/[OIL]/g, (letter) => lookAlikes[letter] ?? letter);
  demand(code.length === 28 && [...code].every((letter) => alphabet.includes(letter)), "bad-code");
  const rc = utf8(code.slice(0, 26));
  const [first = 0, second = 0] = hash("rc-check", rc);
  const check = [first >> 3, ((first & 7) << 2) | (second >> 6)].map((value) => alphabet[value]).join("");
  demand(code.slice(26) === check, "bad-code");
  return rc;
}

export function recoveryProof(rc: Bytes): { auth: Bytes; verifier: Bytes } {
  const auth = deriveKey(rc, "rc-auth");
  return { auth, verifier: hash("rc-verifier", auth) };
}

/** MK, by either way to it. */
export const unwrapWithPassword = (exportKey: Bytes, userId: Bytes, version: number, wrap: Bytes): Bytes =>
  open(deriveKey(exportKey, "wrap-pw"), "wrap", concat(userId, u8(1), u32(version)), wrap);

export const unwrapWithRecoveryCode = (typed: string, userId: Bytes, version: number, wrap: Bytes): Bytes =>
  open(deriveKey(parseRecoveryCode(typed), "wrap-rc"), "wrap", concat(userId, u8(2), u32(version)), wrap);
