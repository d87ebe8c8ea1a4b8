import { demand } from "./protocol-error.ts";

const MAX_CHARACTERS = 254;

/**
 * The one spelling of an e-mail address: composition, letter case and spaces around it do not matter (PROTOCOL.md §6). What
 * stands before and after the @ is for mail servers to judge. @throws ProtocolError bad-email
 */
export function canonicalEmail(address: string): string {
  const canonical = address.trim().normalize("NFC").toLowerCase();
  demand(canonical.length <= MAX_CHARACTERS && /^[^@\s\p{C}]+@[^@\s\p{C}]+$/u.test(canonical), "bad-email");
  return canonical;
}
