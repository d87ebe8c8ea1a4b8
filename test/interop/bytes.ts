import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";

export type Bytes = Uint8Array;

/** What a reader says about bytes from outside: one of the codes of PROTOCOL.md §1. */
export class Refusal extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

export function demand(condition: boolean, code: string): asserts condition {
  if (!condition) throw new Refusal(code);
}

/** Whatever makes `step` fail is `code`. */
export function refuseAs<T>(code: string, step: () => T): T {
  try {
    return step();
  } catch {
    throw new Refusal(code);
  }
}

export const concat = concatBytes;
export const utf8 = utf8ToBytes;

export const equal = (a: Bytes, b: Bytes): boolean => a.length === b.length && a.every((byte, at) => byte === b[at]);
/** Of the same length, as numbers. */
export const compare = (a: Bytes, b: Bytes): number => a.reduce((order, byte, at) => order || byte - (b[at] ?? 0), 0);
export const isZero = (bytes: Bytes): boolean => bytes.every((byte) => byte === 0);

function bigEndian(value: number, size: number): Bytes {
  return Uint8Array.from({ length: size }, (_, at) => Math.floor(value / 256 ** (size - 1 - at)) % 256);
}

export const u8 = (value: number): Bytes => bigEndian(value, 1);
export const u16 = (value: number): Bytes => bigEndian(value, 2);
export const u32 = (value: number): Bytes => bigEndian(value, 4);
export const u64 = (value: number): Bytes => bigEndian(value, 8);

/** The fields of a layout, one after the other. Whoever begins to read has checked the length. */
export class Fields {
  readonly #bytes: Bytes;
  #at = 0;

  constructor(bytes: Bytes) {
    this.#bytes = bytes;
  }

  bytes(size: number): Bytes {
    this.#at += size;
    return this.#bytes.slice(this.#at - size, this.#at);
  }

  number(size: number): number {
    const value = this.bytes(size).reduce((sum, byte) => sum * 256 + byte, 0);
    demand(Number.isSafeInteger(value), "bad-value");
    return value;
  }

  rest(): Bytes {
    return this.bytes(this.#bytes.length - this.#at);
  }
}

/** The first byte says which layout this is; only then its length means anything. */
export function demandVersion(bytes: Bytes, version: number): void {
  demand(bytes.length > 0, "bad-length");
  demand(bytes[0] === version, "unknown-version");
}

/** A layout of one of these lengths, from its version byte on. */
export function fieldsOf(bytes: Bytes, version: number, ...lengths: number[]): Fields {
  demandVersion(bytes, version);
  demand(lengths.includes(bytes.length), "bad-length");
  return new Fields(bytes);
}
