import { beforeAll, describe, expect, it } from "vitest";
import {
  createEpochPayload,
  deriveKey,
  deriveThoughtKey,
  epochCommitment,
  generateEpochKey,
  isEpochKey,
  isThoughtKey,
  openBackLink,
  ready,
  seal,
  thoughtCommitment,
} from "../../src/crypto/index.ts";
import { concatBytes, EpochReason, u32, type EpochPayload } from "../../src/protocol/index.ts";
import { filled, withByte } from "./support/bytes.ts";
import { ChainWriter } from "./support/chain-writer.ts";
import { createPerson } from "./support/person.ts";
import { expectRefusal } from "./support/refusal.ts";

beforeAll(ready);

function writeEpochs(count: number) {
  const chain = ChainWriter.begin(createPerson());
  for (let n = 1; n < count; n += 1) chain.rotate();
  return { author: chain.person.userId, keys: chain.keys, epochs: chain.epochs };
}

/** EPOCH n as an author writes it who does not tell the truth about something. */
function liar(author: Uint8Array, n: number, keys: { key: Uint8Array; previousKey: Uint8Array }): EpochPayload {
  return createEpochPayload({ author, n, ...keys, vaultMin: 1, reason: EpochReason.ANY });
}

describe("the newest key", () => {
  it("opens all of history, one step at a time", () => {
    const { author, keys, epochs } = writeEpochs(12);
    let key = keys[11]!;
    for (let n = 11; n > 0; n -= 1) {
      key = openBackLink({ author, key, payload: epochs[n]!, previousPayload: epochs[n - 1]! });
      expect(key).toStrictEqual(keys[n - 1]);
    }
  });

  it("is linked to the one before it in the layout of the protocol", () => {
    const { author, keys, epochs } = writeEpochs(2);
    const n = u32(1);
    const linkKey = deriveKey(keys[1]!, "epoch-back-key", author, n);
    const back = seal(linkKey, "epoch-back", concatBytes(author, n, epochs[1]!.commitment), keys[0]!);
    const step = { author, key: keys[1]!, payload: { ...epochs[1]!, back }, previousPayload: epochs[0]! };
    expect(openBackLink(step)).toStrictEqual(keys[0]);
  });

  it("says nothing about the next one", () => {
    const { author, keys, epochs } = writeEpochs(2);
    expectRefusal("bad-commit", () => openBackLink({ author, key: keys[0]!, payload: epochs[1]!, previousPayload: epochs[0]! }));
  });
});

describe("a step back is refused", () => {
  it("between epochs that are not neighbours", () => {
    const { author, keys, epochs } = writeEpochs(3);
    expectRefusal("bad-epoch", () => openBackLink({ author, key: keys[2]!, payload: epochs[2]!, previousPayload: epochs[0]! }));
    expectRefusal("bad-epoch", () => openBackLink({ author, key: keys[0]!, payload: epochs[0]!, previousPayload: epochs[0]! }));
  });

  it("from a key that the newer epoch does not commit to", () => {
    const { author, epochs } = writeEpochs(2);
    const step = { author, key: generateEpochKey(), payload: epochs[1]!, previousPayload: epochs[0]! };
    expectRefusal("bad-commit", () => openBackLink(step));
  });

  it("for another author", () => {
    const { keys, epochs } = writeEpochs(2);
    const step = { author: filled(32, 1), key: keys[1]!, payload: epochs[1]!, previousPayload: epochs[0]! };
    expectRefusal("bad-commit", () => openBackLink(step));
  });

  it("when the link does not open", () => {
    const { author, keys, epochs } = writeEpochs(2);
    const payload = { ...epochs[1]!, back: withByte(epochs[1]!.back, 80) };
    expectRefusal("bad-back-link", () => openBackLink({ author, key: keys[1]!, payload, previousPayload: epochs[0]! }));
    const foreign = { ...epochs[1]!, back: writeEpochs(2).epochs[1]!.back };
    expectRefusal("bad-back-link", () => openBackLink({ author, key: keys[1]!, payload: foreign, previousPayload: epochs[0]! }));
  });

  it("to a key that the older epoch does not commit to", () => {
    const { author, epochs } = writeEpochs(1);
    const key = generateEpochKey();
    const payload = liar(author, 1, { key, previousKey: generateEpochKey() });
    expectRefusal("bad-commit", () => openBackLink({ author, key, payload, previousPayload: epochs[0]! }));
  });

  it("when either epoch commits to a thought key of its own, so that some readers would read other thoughts", () => {
    const { author, keys, epochs } = writeEpochs(2);
    const twisted = (epoch: EpochPayload) => ({ ...epoch, thoughtCommitment: filled(32, 1) });
    const key = keys[1]!;
    expectRefusal("bad-commit", () => openBackLink({ author, key, payload: twisted(epochs[1]!), previousPayload: epochs[0]! }));
    expectRefusal("bad-commit", () => openBackLink({ author, key, payload: epochs[1]!, previousPayload: twisted(epochs[0]!) }));
  });
});

describe("keys and commitments", () => {
  it("belong to one author and one epoch", () => {
    const [alice, bob] = [filled(32, 1), filled(32, 2)];
    const key = generateEpochKey();
    const all = [
      deriveThoughtKey(key, alice, 0),
      deriveThoughtKey(key, alice, 1),
      deriveThoughtKey(key, bob, 0),
      epochCommitment(key, alice, 0),
      epochCommitment(key, alice, 1),
      epochCommitment(key, bob, 0),
      thoughtCommitment(key, alice, 0),
      thoughtCommitment(key, alice, 1),
      thoughtCommitment(key, bob, 0),
    ].map((bytes) => Buffer.from(bytes).toString("hex"));
    expect(new Set(all).size).toBe(all.length);
  });

  it("are checked together for K, and T is checked alone", () => {
    const { author, keys, epochs } = writeEpochs(1);
    const [key, epoch] = [keys[0]!, epochs[0]!];
    const thoughtKey = deriveThoughtKey(key, author, 0);
    expect(isEpochKey(key, author, epoch)).toBe(true);
    expect(isThoughtKey(thoughtKey, author, epoch)).toBe(true);
    expect(isThoughtKey(key, author, epoch)).toBe(false);
    expect(isEpochKey(key, author, { ...epoch, commitment: filled(32, 1) })).toBe(false);
    expect(isEpochKey(key, author, { ...epoch, thoughtCommitment: filled(32, 1) })).toBe(false);
  });

  it("need the key before them from the second epoch on, and only then", () => {
    const base = { author: filled(32, 1), key: generateEpochKey(), vaultMin: 1, reason: EpochReason.ANY };
    expect(() => createEpochPayload({ ...base, n: 1 })).toThrow(RangeError);
    expect(() => createEpochPayload({ ...base, n: 0, previousKey: generateEpochKey() })).toThrow(RangeError);
    expect(() => createEpochPayload({ ...base, n: 1, previousKey: filled(31, 1) })).toThrow(RangeError);
  });

  it("are 32 bytes long", () => {
    for (const derive of [deriveThoughtKey, epochCommitment, thoughtCommitment]) {
      expect(() => derive(filled(31, 1), filled(32, 1), 0)).toThrow(RangeError);
    }
  });
});
