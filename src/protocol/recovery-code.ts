import { demand } from "./protocol-error.ts";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** Random characters of a recovery code: 130 bits (PROTOCOL.md §6). */
export const RECOVERY_CODE_CHARACTERS = 26;
export const RECOVERY_CHECK_CHARACTERS = 2;
const GROUP_CHARACTERS = 4;

/** One character of Crockford's base32 per value below 32. */
export function encodeCrockford(values: ArrayLike<number>): string {
  return Array.from(values, (value) => ALPHABET.charAt(value & 31)).join("");
}

/** The 28 characters as people copy them: seven groups of four. */
export function formatRecoveryCode(characters: string): string {
  return (characters.match(new RegExp(`.{1,${GROUP_CHARACTERS}}`, "g")) ?? []).join("-");
}

/** What was typed as 28 canonical characters: case, spaces and hyphens do not matter, O is 0, I and L are 1. @throws ProtocolError bad-code */
export function normalizeRecoveryCode(text: string): string {
  const characters = text
    .toUpperCase()
    .replace(/[\s-]/g, "")
    .replace(/O/g, "0")
    .replace(/[IL]/g, "1");
  demand(characters.length === RECOVERY_CODE_CHARACTERS + RECOVERY_CHECK_CHARACTERS, "bad-code");
  demand([...characters].every((character) => ALPHABET.includes(character)), "bad-code");
  return characters;
}
