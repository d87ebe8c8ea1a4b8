import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bucketFor,
  ByteReader,
  canonicalEmail,
  compareBytes,
  concatBytes,
  encodeBase64url,
  encodeDomain,
  encodeUtf8,
  equalBytes,
  formatRecoveryCode,
  HASH_LABELS,
  isBucket,
  KDF_LABELS,
  normalizeRecoveryCode,
  parseBase64url,
  parseUtf8,
  SEAL_LABELS,
  SIGN_LABELS,
  sized,
  u16,
  u32,
  u64,
  u8,
  type DomainLabel,
} from "../../src/protocol/index.ts";
import { expectRefusal } from "./support/refusal.ts";

describe("integers", () => {
  it("are unsigned and big-endian", () => {
    expect([...u8(255)]).toEqual([255]);
    expect([...u16(0x0102)]).toEqual([1, 2]);
    expect([...u32(0x01020304)]).toEqual([1, 2, 3, 4]);
    expect([...u64(Number.MAX_SAFE_INTEGER)]).toEqual([0, 31, 255, 255, 255, 255, 255, 255]);
  });

  it("are not written when they do not fit", () => {
    expect(() => u8(256)).toThrow(RangeError);
    expect(() => u32(-1)).toThrow(RangeError);
    expect(() => u32(1.5)).toThrow(RangeError);
    expect(() => u64(2 ** 53)).toThrow(RangeError);
  });

  it("come back as they were written", () => {
    fc.assert(
      fc.property(fc.nat(255), fc.nat(65_535), fc.nat(), fc.maxSafeNat(), (a, b, c, d) => {
        const reader = new ByteReader(concatBytes(u8(a), u16(b), u32(c), u64(d)));
        expect([reader.u8(), reader.u16(), reader.u32(), reader.u64()]).toEqual([a, b, c, d]);
        reader.end();
      }),
    );
  });

  it("above 2^53 − 1 are refused", () => {
    expectRefusal("bad-value", () => new ByteReader(Uint8Array.of(0, 32, 0, 0, 0, 0, 0, 0)).u64());
  });
});

describe("comparing bytes", () => {
  it("takes the length into account", () => {
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2, 3))).toBe(false);
    expect(equalBytes(Uint8Array.of(1, 2, 3), Uint8Array.of(1, 2))).toBe(false);
  });

  it("puts them into the order of words", () => {
    const bytes = fc.uint8Array({ maxLength: 3, max: 3 });
    fc.assert(fc.property(bytes, bytes, (a, b) => void expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(a, b))));
    expect(compareBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(0);
    expect(compareBytes(Uint8Array.of(1), Uint8Array.of(1, 2))).toBeLessThan(0);
  });
});

describe("an e-mail address", () => {
  it("has one spelling", () => {
    expect(canonicalEmail(" Ann.Onym@Example.ORG ")).toBe("ann.onym@example.org");
    expect(canonicalEmail("cafe\u0301@example.org")).toBe("caf\u00e9@example.org");
    expect(canonicalEmail(`${"a".repeat(252)}@b`)).toHaveLength(254);
  });

  it.each(["", "ann", "@example.org", "ann@", "a@b@c", "a b@c", "a@b\u0000", `${"a".repeat(253)}@b`])("is not %j", (text) => {
    expectRefusal("bad-email", () => canonicalEmail(text));
  });
});

describe("a byte reader", () => {
  it("refuses to read past the end, and bytes left over", () => {
    expectRefusal("bad-length", () => new ByteReader(new Uint8Array(3)).take(4));
    expectRefusal("bad-length", () => new ByteReader(new Uint8Array(3)).end());
  });

  it("hands out copies, of a Buffer too", () => {
    const source = Buffer.from([1, 2, 3]);
    const taken = new ByteReader(source).take(2);
    source[0] = 9;
    expect(taken).toStrictEqual(Uint8Array.of(1, 2));
  });

  it("takes the length of a field seriously", () => {
    expect(() => sized(new Uint8Array(31), 32)).toThrow(RangeError);
  });
});

describe("base64url", () => {
  it("has one spelling for every byte string", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const text = encodeBase64url(bytes);
        expect(text).toBe(Buffer.from(bytes).toString("base64url"));
        expect(parseBase64url(text)).toStrictEqual(new Uint8Array(bytes));
      }),
    );
  });

  it.each(["A", "AB==", "AB", "AA\n", "A+==", "AA/A", "ÄA", "AAB", " AAA"])("refuses %j", (text) => {
    expectRefusal("bad-encoding", () => parseBase64url(text));
  });
});

describe("text", () => {
  it("keeps every character, a leading byte order mark included", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(parseUtf8(encodeUtf8(text))).toBe(text);
      }),
    );
    expect(parseUtf8(encodeUtf8("\uFEFFa"))).toBe("\uFEFFa");
  });

  it("refuses lone surrogates and bytes that are not UTF-8", () => {
    expectRefusal("bad-text", () => encodeUtf8("a\uD800"));
    expectRefusal("bad-text", () => encodeUtf8("\uDC00\uD800"));
    for (const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82]]) {
      expectRefusal("bad-text", () => parseUtf8(Uint8Array.from(bytes)));
    }
  });
});

describe("labels", () => {
  const labels: DomainLabel[] = [
    ...HASH_LABELS,
    ...KDF_LABELS,
    ...SEAL_LABELS.flatMap((label) => [`ad/${label}`, `seal-enc/${label}`, `seal-com/${label}`] as const),
    ...SIGN_LABELS.map((label) => `sig/${label}` as const),
  ];

  it("serve one purpose each", () => {
    expect(new Set(labels).size).toBe(labels.length);
  });

  it("give contexts of which none is the beginning of another", () => {
    const contexts = labels.map((label) => Buffer.from(encodeDomain(label)).toString("hex"));
    for (const one of contexts) expect(contexts.filter((other) => other.startsWith(one))).toEqual([one]);
    expect(Buffer.from(encodeDomain("user")).toString("latin1")).toBe("\u0009pb/1/user");
  });
});

describe("buckets", () => {
  it("double up to 64 KiB and then grow by 64 KiB", () => {
    const lengths = [0, 255, 256, 511, 512, 65_535, 65_536, 131_071, 131_072];
    expect(lengths.map(bucketFor)).toEqual([256, 256, 512, 512, 1024, 65_536, 131_072, 131_072, 196_608]);
  });

  it("are exactly the lengths that they produce", () => {
    const buckets = Array.from({ length: 200_000 }, (_, length) => length).filter(isBucket);
    expect(buckets).toEqual([256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_536, 131_072, 196_608]);
  });
});

describe("the text of a recovery code", () => {
  it("is read however people write it", () => {
    expect(formatRecoveryCode("0123456789ABCDEFGHJKMNPQRSTV")).toBe("0123-4567-89AB-CDEF-GHJK-MNPQ-RSTV");
    expect(normalizeRecoveryCode(" o1234567 89ab-cdef ghjkMNPQ-rstL ".replace("1", "I"))).toBe("01234567" + "89ABCDEFGHJKMNPQRST1");
  });

  it.each(["", "0123", "0".repeat(27), "0".repeat(29), `U${"0".repeat(27)}`, `*${"0".repeat(27)}`])("refuses %j", (text) => {
    expectRefusal("bad-code", () => normalizeRecoveryCode(text));
  });
});
