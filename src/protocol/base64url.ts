import { demand } from "./protocol-error.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const NO_DIGIT = 64;

const codeOfDigit = Uint8Array.from(ALPHABET, (digit) => digit.charCodeAt(0));
const digitOfCode = new Uint8Array(128).fill(NO_DIGIT);
for (let digit = 0; digit < ALPHABET.length; digit += 1) digitOfCode[ALPHABET.charCodeAt(digit)] = digit;

const ascii = new TextDecoder();

/** base64url without padding (PROTOCOL.md §1). */
export function encodeBase64url(bytes: Uint8Array): string {
  const codes = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
  let offset = 0;
  for (let index = 0; index < bytes.length; index += 3) {
    const word = ((bytes[index] as number) << 16) | ((bytes[index + 1] ?? 0) << 8) | (bytes[index + 2] ?? 0);
    codes[offset] = codeOfDigit[word >> 18] as number;
    codes[offset + 1] = codeOfDigit[(word >> 12) & 63] as number;
    codes[offset + 2] = codeOfDigit[(word >> 6) & 63] as number;
    codes[offset + 3] = codeOfDigit[word & 63] as number;
    offset += 4;
  }
  // Without the digits that would be padding. A text that grew by a digit at a time would stay a chain of pieces.
  return ascii.decode(codes.subarray(0, Math.ceil((bytes.length * 4) / 3)));
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
