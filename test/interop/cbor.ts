import { type Bytes, concat, demand, equal, refuseAs, u32, u64, u8, utf8 } from "./bytes.ts";

export type Cbor = number | string | boolean | null | Bytes | Cbor[] | Map<string, Cbor>;

const MAX_DEPTH = 8;
const simpleValues = new Map<number, Cbor>([[20, false], [21, true], [22, null]]);
const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Deterministic CBOR: what does not encode to the same bytes again was not deterministic (PROTOCOL.md §1). */
export function parseCbor(bytes: Bytes, maxBytes: number): Cbor {
  demand(bytes.length <= maxBytes, "bad-length");
  const [value, end] = decode(bytes, 0, 0);
  demand(end === bytes.length && equal(encodeCbor(value), bytes), "bad-cbor");
  return value;
}

/** The value that begins at `start`, and where it ends. */
function decode(bytes: Bytes, start: number, depth: number): [Cbor, number] {
  demand(start < bytes.length, "bad-cbor");
  const [major, argument, begin] = decodeHead(bytes, start);
  if (major === 0) return [argument, begin];
  if (major === 1) return [demandInteger(-1 - argument), begin];
  if (major === 2 || major === 3) {
    const end = begin + argument;
    demand(end <= bytes.length, "bad-cbor");
    const content = bytes.slice(begin, end);
    return [major === 2 ? content : refuseAs("bad-cbor", () => strictUtf8.decode(content)), end];
  }
  if (major === 4 || major === 5) {
    demand(depth < MAX_DEPTH, "bad-cbor");
    return (major === 4 ? decodeList : decodeMap)(bytes, begin, argument, depth + 1);
  }
  const simple = major === 7 ? simpleValues.get(argument) : undefined;
  demand(simple !== undefined, "bad-cbor");
  return [simple, begin];
}

function decodeHead(bytes: Bytes, start: number): [major: number, argument: number, begin: number] {
  const first = bytes[start] ?? 0;
  const short = first & 31;
  if (short < 24) return [first >> 5, short, start + 1];
  const size = 2 ** (short - 24);
  demand(size <= 8 && start + 1 + size <= bytes.length, "bad-cbor");
  const argument = bytes.slice(start + 1, start + 1 + size).reduce((sum, byte) => sum * 256 + byte, 0);
  return [first >> 5, demandInteger(argument), start + 1 + size];
}

function demandInteger(value: number): number {
  demand(Number.isSafeInteger(value), "bad-cbor");
  return value;
}

function decodeList(bytes: Bytes, begin: number, count: number, depth: number): [Cbor[], number] {
  const list: Cbor[] = [];
  let at = begin;
  while (list.length < count) {
    const [item, end] = decode(bytes, at, depth);
    list.push(item);
    at = end;
  }
  return [list, at];
}

function decodeMap(bytes: Bytes, begin: number, count: number, depth: number): [Cbor, number] {
  const [flat, end] = decodeList(bytes, begin, count * 2, depth);
  const map = new Map<string, Cbor>();
  for (let at = 0; at < flat.length; at += 2) {
    const key = flat[at];
    demand(typeof key === "string", "bad-cbor");
    map.set(key, flat[at + 1] as Cbor);
  }
  return [map, end];
}

export function encodeCbor(value: Cbor): Bytes {
  if (typeof value === "number") return value < 0 ? encodeHead(1, -1 - value) : encodeHead(0, value);
  if (typeof value === "string") return concat(encodeHead(3, utf8(value).length), utf8(value));
  if (value === null) return u8(0xf6);
  if (typeof value === "boolean") return u8(value ? 0xf5 : 0xf4);
  if (value instanceof Uint8Array) return concat(encodeHead(2, value.length), value);
  if (Array.isArray(value)) return concat(encodeHead(4, value.length), ...value.map(encodeCbor));
  const pairs = [...value].map(([key, item]) => ({ key: encodeCbor(key), item: encodeCbor(item) }));
  pairs.sort((a, b) => Buffer.compare(a.key, b.key));
  return concat(encodeHead(5, pairs.length), ...pairs.flatMap(({ key, item }) => [key, item]));
}

function encodeHead(major: number, argument: number): Bytes {
  const first = major << 5;
  if (argument < 24) return u8(first + argument);
  if (argument < 2 ** 8) return concat(u8(first + 24), u8(argument));
  if (argument < 2 ** 16) return concat(u8(first + 25), u32(argument).slice(2));
  if (argument < 2 ** 32) return concat(u8(first + 26), u32(argument));
  return concat(u8(first + 27), u64(argument));
}
