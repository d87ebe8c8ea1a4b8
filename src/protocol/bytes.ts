import { demand, ProtocolError } from "./protocol-error.ts";

/** Joins the parts into one new array. */
export function concatBytes(...parts: Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** Compares public bytes. Not constant in time: secrets are compared in src/crypto. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false;
  return true;
}

/** Orders public bytes as dictionaries order words: below 0 when a comes first, 0 when they are equal. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Whether all bytes are zero. */
export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

/** The bytes themselves, if they have exactly this length. @throws RangeError otherwise: a mistake of the caller. */
export function sized(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length !== length) throw new RangeError(`expected ${length} bytes, got ${bytes.length}`);
  return bytes;
}

/** Refuses bytes that begin with another version or suite, before anything else about them is judged. @throws ProtocolError unknown-version, bad-length for no bytes at all */
export function demandVersion(bytes: Uint8Array, version: number): void {
  demand(bytes.length > 0, "bad-length");
  demand(bytes[0] === version, "unknown-version");
}

/** Big-endian unsigned integers (PROTOCOL.md §1). @throws RangeError if the number does not fit. */
export const u8 = (n: number): Uint8Array => unsigned(n, 1);
export const u16 = (n: number): Uint8Array => unsigned(n, 2);
export const u32 = (n: number): Uint8Array => unsigned(n, 4);
export const u64 = (n: number): Uint8Array => unsigned(n, 8);

function unsigned(n: number, width: number): Uint8Array {
  if (!Number.isSafeInteger(n) || n < 0 || n >= 256 ** width) throw new RangeError(`${n} is no u${width * 8}`);
  const bytes = new Uint8Array(width);
  let rest = n;
  for (let index = width - 1; index >= 0; index -= 1) {
    bytes[index] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return bytes;
}

/** Reads a fixed binary layout from front to back; what it returns are copies. @throws ProtocolError bad-length, bad-value */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    // Node's Buffer answers `slice` with a view, which would change with the caller's buffer and keep all of it alive.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  take(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.#bytes.slice(start, this.#offset);
  }

  u8(): number {
    return this.#unsigned(1);
  }

  u16(): number {
    return this.#unsigned(2);
  }

  u32(): number {
    return this.#unsigned(4);
  }

  /** At most 2^53 − 1, the largest integer that a JSON number keeps. */
  u64(): number {
    return this.#unsigned(8);
  }

  /** Refuses bytes after the end of the layout. */
  end(): void {
    if (this.#offset !== this.#bytes.length) throw new ProtocolError("bad-length");
  }

  #unsigned(width: number): number {
    let value = 0;
    for (let index = this.#advance(width); index < this.#offset; index += 1) value = value * 256 + (this.#bytes[index] ?? 0);
    demand(Number.isSafeInteger(value), "bad-value");
    return value;
  }

  /** Where the next field begins. */
  #advance(length: number): number {
    const start = this.#offset;
    const end = start + length;
    demand(end <= this.#bytes.length, "bad-length");
    this.#offset = end;
    return start;
  }
}
