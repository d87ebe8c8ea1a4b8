import { type Bytes, concat, demand } from "./bytes.ts";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** base64url without padding, in its one spelling (PROTOCOL.md §1). */
export function parseBase64url(text: string): Bytes {
  const bits = Array.from(text, (letter) => {
    const value = alphabet.indexOf(letter);
    demand(value >= 0, "bad-encoding");
    return value.toString(2).padStart(6, "0");
  }).join("");
  const size = Math.floor(bits.length / 8);
  const unused = bits.slice(size * 8);
  demand(unused.length < 6 && !unused.includes("1"), "bad-encoding");
  return Uint8Array.from({ length: size }, (_, at) => parseInt(bits.slice(at * 8, at * 8 + 8), 2));
}

const LARGEST_POWER = 65_536;

/** The smallest bucket of at least so many bytes. */
function bucketOf(size: number): number {
  if (size > LARGEST_POWER) return Math.ceil(size / LARGEST_POWER) * LARGEST_POWER;
  let bucket = 256;
  while (bucket < size) bucket *= 2;
  return bucket;
}

export const isBucket = (size: number): boolean => size === bucketOf(size);

export function pad(content: Bytes): Bytes {
  const padding = new Uint8Array(bucketOf(content.length + 1) - content.length);
  padding[0] = 0x80;
  return concat(content, padding);
}

export function unpad(padded: Bytes): Bytes {
  demand(isBucket(padded.length), "bad-padding");
  const marker = padded.findLastIndex((byte) => byte !== 0);
  demand(padded[marker] === 0x80, "bad-padding");
  return padded.slice(0, marker);
}
