import { encodeCbor, parseCbor, type CborValue } from "./cbor.ts";
import { demand } from "./protocol-error.ts";
import { encodeUtf8 } from "./utf8.ts";

/** Turns a CBOR value, or its absence, into a typed one. @throws ProtocolError bad-cbor */
export type Shape<T> = (value: CborValue | undefined) => T;

/** Encodes a structure and parses it again; what it would not parse it does not encode, and unknown fields stay behind. */
export interface CborCodec<T> {
  encode(value: T): Uint8Array;
  parse(bytes: Uint8Array): T;
}

export const bytesOf =
  (length: number): Shape<Uint8Array> =>
  (value) => {
    demand(value instanceof Uint8Array && value.length === length, "bad-cbor");
    return value;
  };

export const integer: Shape<number> = (value) => {
  demand(typeof value === "number" && value >= 0, "bad-cbor");
  demand(Number.isSafeInteger(value), "bad-cbor");
  return value;
};

export const flag: Shape<boolean> = (value) => {
  demand(typeof value === "boolean", "bad-cbor");
  return value;
};

/** Text of at most so many bytes of UTF-8. @throws ProtocolError bad-text when it is longer */
export const textOf =
  (maxBytes: number): Shape<string> =>
  (value) => {
    demand(typeof value === "string", "bad-cbor");
    demand(encodeUtf8(value).length <= maxBytes, "bad-text");
    return value;
  };

export const oneOf =
  <T extends string | number>(choices: readonly T[]): Shape<T> =>
  (value) => {
    const chosen = choices.find((choice) => choice === value);
    demand(chosen !== undefined, "bad-cbor");
    return chosen;
  };

export const listOf =
  <T>(item: Shape<T>, maxItems: number): Shape<T[]> =>
  (value) => {
    demand(Array.isArray(value) && value.length <= maxItems, "bad-cbor");
    return value.map((each) => item(each));
  };

export const optional =
  <T>(shape: Shape<T>): Shape<T | undefined> =>
  (value) =>
    value === undefined ? undefined : shape(value);

/** A map with these fields; unknown keys are ignored, so that later versions may add some. */
export const mapOf =
  <T extends object>(fields: { [K in keyof T]-?: Shape<T[K]> }): Shape<T> =>
  (value) => {
    demand(typeof value === "object" && value !== null, "bad-cbor");
    demand(!Array.isArray(value) && !(value instanceof Uint8Array), "bad-cbor");
    const result: Partial<T> = {};
    for (const key in fields) {
      const field = fields[key](Object.hasOwn(value, key) ? value[key] : undefined);
      if (field !== undefined) result[key] = field;
    }
    return result as T;
  };

export function codecOf<T extends object>(shape: Shape<T>, maxBytes: number): CborCodec<T> {
  const parse = (bytes: Uint8Array): T => shape(parseCbor(bytes, { maxBytes }));
  return {
    parse,
    encode(value) {
      const bytes = encodeCbor(shape(value as CborValue));
      demand(bytes.length <= maxBytes, "bad-length");
      return bytes;
    },
  };
}
