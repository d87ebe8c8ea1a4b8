import { beforeAll, describe, expect, it } from "vitest";
import { generateEpochKey, openThought, ready, seal, sealThought } from "../../src/crypto/index.ts";
import { pad } from "../../src/crypto/secret/padding.ts";
import { encodeCbor, encodeEntryPre, encodeUtf8, EntryType, parseEntry, type Entry } from "../../src/protocol/index.ts";
import { filled, withByte } from "./support/bytes.ts";
import { ChainWriter } from "./support/chain-writer.ts";
import { createPerson } from "./support/person.ts";
import { expectRefusal } from "./support/refusal.ts";

beforeAll(ready);

/** A thought whose author seals what it likes. */
function thoughtOf(chain: ChainWriter, content: Uint8Array): Entry {
  const place = chain.place();
  const payload = seal(chain.thoughtKey, "thought", encodeEntryPre({ ...place, type: EntryType.THOUGHT }), content);
  return parseEntry(chain.sign(EntryType.THOUGHT, payload, place).bytes);
}

describe("a thought", () => {
  it("is read by whoever holds its epoch's thought key", () => {
    const chain = ChainWriter.begin(createPerson());
    const entry = parseEntry(chain.signThought("grüße 💚").bytes);
    expect(openThought(chain.thoughtKey, entry)).toStrictEqual({ v: 1, t: "grüße 💚" });
  });

  it("is not read with another key, and the key of another epoch is another key", () => {
    const chain = ChainWriter.begin(createPerson());
    const entry = parseEntry(chain.signThought("hello").bytes);
    expectRefusal("bad-seal", () => openThought(generateEpochKey(), entry));
    chain.rotate();
    expectRefusal("bad-seal", () => openThought(chain.thoughtKey, entry));
  });

  it("is sealed to its place: nothing of it can be moved to another entry", () => {
    const chain = ChainWriter.begin(createPerson());
    const place = { ...chain.place(), type: EntryType.THOUGHT };
    const payload = sealThought(chain.thoughtKey, encodeEntryPre(place), { v: 1, t: "hello" });
    for (const change of [{ seq: 9 }, { timeMs: 5 }, { entryId: filled(16, 1) }, { prev: filled(32, 1) }]) {
      const moved = parseEntry(chain.sign(EntryType.THOUGHT, payload, { ...place, ...change }).bytes);
      expectRefusal("bad-seal", () => openThought(chain.thoughtKey, moved));
    }
  });

  it("shows its length in buckets only", () => {
    const chain = ChainWriter.begin(createPerson());
    expect(chain.signThought("a").bytes).toHaveLength(chain.signThought("a".repeat(200)).bytes.length);
  });

  it("is refused when its padding or its body is wrong, and when it is no thought", () => {
    const chain = ChainWriter.begin(createPerson());
    expectRefusal("bad-padding", () => openThought(chain.thoughtKey, thoughtOf(chain, filled(256, 0))));
    expectRefusal("bad-cbor", () => openThought(chain.thoughtKey, thoughtOf(chain, pad(encodeUtf8("hello")))));
    expectRefusal("unknown-version", () => openThought(chain.thoughtKey, thoughtOf(chain, pad(encodeCbor({ v: 2, t: "a" })))));
    expectRefusal("bad-type", () => openThought(chain.thoughtKey, parseEntry(chain.bytes[1]!)));
    const entry = parseEntry(chain.signThought("hello").bytes);
    expectRefusal("bad-seal", () => openThought(chain.thoughtKey, { ...entry, payload: withByte(entry.payload, 99) }));
  });
});
