import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { ready } from "../../src/crypto/index.ts";
import * as p from "../../src/protocol/index.ts";
import { withByte } from "./support/bytes.ts";
import { allFormats, type Format } from "./support/formats.ts";
import { expectRefusal, refusalOf } from "./support/refusal.ts";

let formats: Format[] = [];
beforeAll(async () => {
  await ready();
  formats = allFormats();
});

const eachSample = (check: (format: Format, sample: Uint8Array) => void): void => {
  for (const format of formats) for (const sample of format.samples) check(format, sample);
};

describe("every format", () => {
  it("has the length that the protocol states", () => {
    const lengths = Object.fromEntries(formats.map(({ name, samples }) => [name, samples.map(({ length }) => length)]));
    expect(lengths).toMatchObject({
      card: [1357, 1421],
      entry: [234 + 1357, 234 + 75, 563, 234 + 32, 234 + 65, 234 + 102, 234 + 40, 234 + 180, 234 + 1421, 234 + 180],
      "withdrawn entry": [234],
      "epoch payload": [75, 180, 180],
      grant: [1504],
      "friend request": [226],
      "friendship record": [226],
      receipt: [145],
      "observed head": [24],
      "fork proof": [3 + 1357 + 2 * 234],
      "receipt conflict": [291],
      checkpoint: [146],
      "split proof": [294, 358],
      "archive head": [147],
    });
  });

  it("is parsed to what was encoded", () => {
    eachSample(({ reencode }, sample) => {
      const prefix = reencode?.(sample);
      if (prefix) expect(prefix).toStrictEqual(new Uint8Array(sample.subarray(0, prefix.length)));
    });
  });

  it("has one spelling: a changed byte is refused or is another structure", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }), (which, sample, at, change) => {
        const format = formats[which % formats.length]!;
        const original = format.samples[sample % format.samples.length]!;
        const changed = withByte(original, at % original.length, change);
        try {
          const prefix = (format.reencode ?? (() => undefined))(changed);
          if (prefix) expect(prefix).toStrictEqual(changed.subarray(0, prefix.length));
          else format.parse(changed);
        } catch (error) {
          expect(error).toBeInstanceOf(p.ProtocolError);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it("is refused with a byte less or a byte more", () => {
    eachSample(({ parse }, sample) => {
      expect(["bad-length", "bad-cbor"]).toContain(refusalOf(() => parse(sample.subarray(0, -1))));
      expect(["bad-length", "bad-cbor"]).toContain(refusalOf(() => parse(p.concatBytes(sample, Uint8Array.of(0)))));
      expect(["bad-length", "bad-cbor"]).toContain(refusalOf(() => parse(new Uint8Array())));
    });
  });

  it("is refused by the parser of every other format", () => {
    eachSample((format, sample) => {
      for (const other of formats) if (other !== format) refusalOf(() => other.parse(sample));
    });
  });

  it("never answers random bytes with anything but a refusal", () => {
    fc.assert(
      fc.property(fc.nat(), fc.uint8Array({ maxLength: 400 }), (which, bytes) => {
        const { parse } = formats[which % formats.length]!;
        try {
          parse(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(p.ProtocolError);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it("of a later version asks for an update", () => {
    const versioned = ["card", "entry", "withdrawn entry", "grant", "friend request", "friendship record", "manifest", "receipt", "checkpoint", "split proof"];
    eachSample(({ name, parse }, sample) => {
      if (versioned.includes(name)) expectRefusal("unknown-version", () => parse(withByte(sample, 0, 0xf0)));
    });
  });
});
