import { type Bytes, demand, utf8 } from "./bytes.ts";
import type { Cbor } from "./cbor.ts";

/** What a field of decoded CBOR has to be; anything else is `bad-cbor` (PROTOCOL.md §1). */
export type Shape<T> = (value: Cbor | undefined) => T;

export const bytes =
  (...sizes: number[]): Shape<Bytes> =>
  (value) => {
    demand(value instanceof Uint8Array && sizes.includes(value.length), "bad-cbor");
    return value;
  };

export const bytesUpTo =
  (most: number): Shape<Bytes> =>
  (value) => {
    demand(value instanceof Uint8Array && value.length <= most, "bad-cbor");
    return value;
  };

export const text =
  (maxBytes: number): Shape<string> =>
  (value) => {
    demand(typeof value === "string", "bad-cbor");
    demand(utf8(value).length <= maxBytes, "bad-text");
    return value;
  };

export const natural: Shape<number> = (value) => {
  demand(typeof value === "number" && value >= 0, "bad-cbor");
  return value;
};

export const yesOrNo: Shape<boolean> = (value) => {
  demand(typeof value === "boolean", "bad-cbor");
  return value;
};

export const oneOf =
  <T extends Cbor>(...values: T[]): Shape<T> =>
  (value) => {
    const found = values.find((one) => one === value);
    demand(found !== undefined, "bad-cbor");
    return found;
  };

export const list =
  <T>(item: Shape<T>, most: number): Shape<T[]> =>
  (value) => {
    demand(Array.isArray(value) && value.length <= most, "bad-cbor");
    return value.map(item);
  };

export const optional =
  <T>(shape: Shape<T>): Shape<T | undefined> =>
  (value) =>
    value === undefined ? undefined : shape(value);

type Fields = Record<string, Shape<unknown>>;

/** A map with these keys. What a later version adds is ignored. */
export const record =
  <F extends Fields>(fields: F): Shape<{ [Key in keyof F]: ReturnType<F[Key]> }> =>
  (value) => {
    demand(value instanceof Map, "bad-cbor");
    const entries = Object.entries(fields).map(([key, shape]) => [key, shape(value.get(key))]);
    return Object.fromEntries(entries) as { [Key in keyof F]: ReturnType<F[Key]> };
  };
