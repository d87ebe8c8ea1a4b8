import { demand } from "./protocol-error.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const NO_DIGIT = 64;

const digitOfCode = new Uint8Array(128).fill(NO_DIGIT);
for (let digit = 0; digit < ALPHABET.length; digit += 1) digitOfCode[ALPHABET.charCodeAt(digit)] = digit;

/** base64url without padding (PROTOCOL.md §1). */
export function encodeBase64url(bytes: Uint8Array): string {
  let text = "";
  let bits = 0;
  let pending = 0;
  for (const byte of bytes) {
    pending = (pending << 8) | byte;
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      text += ALPHABET[(pending >> bits) & 63];
    }
    pending &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + ALPHABET[(pending << (6 - bits)) & 63];
}

/** The bytes of canonical base64url: no padding, no other alphabet, unused bits zero. @throws ProtocolError bad-encoding */
export function parseBase64url(text: string): Uint8Array {
  demand(text.length % 4 !== 1, "bad-encoding");
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let offset = 0;
  let bits = 0;
  let pending = 0;
  for (let index = 0; index < text.length; index += 1) {
    const digit = digitOfCode[text.charCodeAt(index)] ?? NO_DIGIT;
    demand(digit !== NO_DIGIT, "bad-encoding");
    pending = (pending << 6) | digit;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[offset] = pending >> bits;
    offset += 1;
    pending &= (1 << bits) - 1;
  }
  // Two spellings of the same bytes would be two keys for one thing.
  demand(pending === 0, "bad-encoding");
  return bytes;
}
