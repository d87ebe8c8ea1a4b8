import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeCbor, equalBytes, parseCbor, ProtocolError, type CborValue } from "../../src/protocol/index.ts";
import { codecOf, integer, mapOf, optional, textOf } from "../../src/protocol/cbor-shape.ts";
import { filled, fromHex } from "./support/bytes.ts";
import { expectRefusal } from "./support/refusal.ts";

const parse = (hex: string): CborValue => parseCbor(fromHex(hex), { maxBytes: 10_000 });

const nested = (levels: number): CborValue => (levels === 1 ? [] : [nested(levels - 1)]);

const { value } = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.maxSafeInteger(),
    fc.string({ unit: "binary" }),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array().map((bytes) => new Uint8Array(bytes)),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.string({ unit: "binary", maxLength: 30 }), tie("value"), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

describe("CBOR", () => {
  it("may be as wide as its bytes allow, and eight deep", () => {
    const wide: CborValue = Array.from({ length: 20 }, () => [{ a: [0], b: 1 }]);
    expect(parseCbor(encodeCbor(wide), { maxBytes: 10_000 })).toStrictEqual(wide);
    const mapsBeside = (levels: number): CborValue => (levels === 1 ? {} : { a: mapsBeside(levels - 1), b: 0 });
    expect(parseCbor(encodeCbor(mapsBeside(8)), { maxBytes: 10_000 })).toStrictEqual(mapsBeside(8));
    expectRefusal("bad-cbor", () => parseCbor(encodeCbor(mapsBeside(9)), { maxBytes: 10_000 }));
  });

  it("is refused before it is written if it would be refused when it is read", () => {
    const short = codecOf(mapOf<{ t: string }>({ t: textOf(100) }), 10);
    expect(short.encode({ t: "123456" })).toHaveLength(10);
    expectRefusal("bad-length", () => short.encode({ t: "1234567" }));
  });

  it("comes back as it was written", () => {
    fc.assert(
      fc.property(value, (one) => {
        expect(parseCbor(encodeCbor(one), { maxBytes: 100_000 })).toStrictEqual(one);
      }),
    );
  });

  it("sorts keys by their encoded bytes and leaves undefined out", () => {
    expect(Buffer.from(encodeCbor({ aa: 1, b: 2, a: 3, none: undefined })).toString("hex")).toBe("a3616103616202626161" + "01");
  });

  it("keeps a byte order mark at the beginning of a text", () => {
    expect(parseCbor(encodeCbor({ t: "\uFEFFa" }), { maxBytes: 100 })).toEqual({ t: "\uFEFFa" });
  });

  it("reads a key that objects treat specially as an ordinary one", () => {
    const parsed = parse("a1695f5f70726f746f5f5f01");
    expect(Object.entries(parsed as object)).toEqual([["__proto__", 1]]);
  });

  it.each([
    ["nothing", ""],
    ["two values", "0101"],
    ["a number in a longer form", "1801"],
    ["a length in a longer form", "580101"],
    ["keys out of order", "a2616201616101"],
    ["a key twice", "a2616101616102"],
    ["a key that is not text", "a10101"],
    ["an array without end", "9f01ff"],
    ["text that is not UTF-8", "61ff"],
    ["an encoded surrogate", "63eda080"],
    ["a half-precision float", "f93e00"],
    ["a float that is a whole number", "fa3f800000"],
    ["undefined", "f7"],
    ["a tag", "c100"],
    ["a simple value", "e0"],
    ["a number above 2^53", "1b0020000000000000"],
    ["a string that ends early", "6261"],
    ["an array that ends early", "8201"],
    ["a huge array that ends early", "9affffffff01"],
  ])("refuses %s", (_, hex) => {
    expectRefusal("bad-cbor", () => parse(hex));
  });

  it("refuses more than 8 levels, however many there are", () => {
    expect(parse("81".repeat(7) + "80")).toEqual(nested(8));
    expect(parse("8280" + "81".repeat(6) + "80")).toEqual([[], nested(7)]);
    expectRefusal("bad-cbor", () => parse("81".repeat(8) + "80"));
    expectRefusal("bad-cbor", () => parse("a16161".repeat(8) + "80"));
    expectRefusal("bad-cbor", () => parse("81".repeat(9000) + "80"));
  });

  it("takes no list and no bytes for a map, even for one whose fields may all be absent", () => {
    const shape = mapOf<{ a?: number }>({ a: optional(integer) });
    expect(shape({})).toEqual({});
    expect(shape({ a: 1, b: 2 })).toEqual({ a: 1 });
    for (const other of [[], filled(0, 0), null, 1, "a"]) expectRefusal("bad-cbor", () => shape(other));
    expectRefusal("bad-cbor", () => shape({ a: -1 }));
    expectRefusal("bad-cbor", () => shape(undefined));
  });

  it("refuses more bytes than the caller allows", () => {
    expectRefusal("bad-length", () => parseCbor(encodeCbor("abcd"), { maxBytes: 4 }));
    expect(parseCbor(encodeCbor("abc"), { maxBytes: 4 })).toBe("abc");
  });

  it("refuses or understands any bytes at all", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), expectOneSpelling), { numRuns: 2000 });
    for (let pair = 0; pair < 2 ** 16; pair += 1) expectOneSpelling(Uint8Array.of(pair >> 8, pair & 255));
  });

  it("has no second spelling of a value beside the first", () => {
    const byte = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(value, fc.nat(), fc.nat({ max: 2 }), byte, (one, place, taken, put) => {
        const spelled = [...encodeCbor(one)];
        spelled.splice(place % (spelled.length + 1), taken, put);
        expectOneSpelling(Uint8Array.from(spelled));
      }),
      { numRuns: 5000 },
    );
    fc.assert(fc.property(fc.dictionary(fc.string({ unit: "binary", maxLength: 3 }), byte, { minKeys: 2, maxKeys: 3, noNullPrototype: true }), (map) => {
      const [first, ...others] = Object.entries(map).map(([key, number]) => [...encodeCbor(key), ...encodeCbor(number)]);
      const reordered = Uint8Array.of(0xa0 + others.length + 1, ...others.flat(), ...(first ?? []));
      expectOneSpelling(reordered);
    }));
  });
});

/** Whatever is understood is what the value encodes to. */
function expectOneSpelling(bytes: Uint8Array): void {
  let spelled: Uint8Array;
  try {
    spelled = encodeCbor(parseCbor(bytes, { maxBytes: 10_000 }));
  } catch (refusal) {
    if (refusal instanceof ProtocolError && refusal.code === "bad-cbor") return;
    throw refusal;
  }
  if (!equalBytes(spelled, bytes)) expect.fail(`${Buffer.from(bytes).toString("hex")} is a second spelling`);
}
