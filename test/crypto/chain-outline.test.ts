import { beforeAll, describe, expect, it } from "vitest";
import {
  emptyChain,
  extendOutline,
  joinChain,
  ready,
  verifyLinkedBackwards,
  verifyNextEntry,
  verifyNextOutlineEntry,
  verifyOutline,
  verifySigned,
  type ChainOutline,
} from "../../src/crypto/index.ts";
import { encodeEpochPayload, encodeHealPayload, EntryType, EpochReason, parseEntry } from "../../src/protocol/index.ts";
import { filled, withByte } from "./support/bytes.ts";
import { ChainWriter } from "./support/chain-writer.ts";
import { createPerson, withNextCard } from "./support/person.ts";
import { expectRefusal } from "./support/refusal.ts";

beforeAll(ready);

const isLandmark = (bytes: Uint8Array): boolean => bytes[1] === EntryType.CARD || bytes[1] === EntryType.EPOCH;

function outlineOf(chain: ChainWriter): ChainOutline {
  return verifyOutline(chain.person.userId, chain.bytes.filter(isLandmark));
}

/**
 * 0 CARD · 1 EPOCH 0 · 2 THOUGHT · 3 EPOCH 1 · 4 THOUGHT · 5 CARD · 6 EPOCH 2 · 7 THOUGHT
 */
function writeChain(): ChainWriter {
  const chain = ChainWriter.begin(createPerson());
  chain.think("under epoch 0");
  chain.rotate();
  chain.think("under epoch 1");
  chain.changeCard();
  chain.rotate(EpochReason.CARD_CHANGED);
  chain.think("under the new card");
  return chain;
}

describe("an outline", () => {
  it("is read from CARD and EPOCH entries alone", () => {
    const chain = writeChain();
    const outline = outlineOf(chain);
    expect(outline.cards.map(({ seq }) => seq)).toEqual([0, 5]);
    expect(outline.epochs.map(({ seq, payload }) => [seq, payload.n])).toEqual([[1, 0], [3, 1], [6, 2]]);
    expect(outline.state).toMatchObject({ seq: 6, epoch: 2, pendingReason2: false });
  });

  it("is the same when it is extended one by one", () => {
    const chain = writeChain();
    const short = verifyOutline(chain.person.userId, chain.bytes.slice(0, 2));
    expect([chain.bytes[3]!, chain.bytes[5]!, chain.bytes[6]!].reduce(extendOutline, short)).toStrictEqual(outlineOf(chain));
  });

  it("takes nothing but a CARD or an EPOCH", () => {
    const chain = writeChain();
    const start = verifyOutline(chain.person.userId, chain.bytes.slice(0, 2));
    expectRefusal("bad-type", () => extendOutline(start, chain.bytes[2]!));
  });

  it("cannot leave an EPOCH or a CARD out", () => {
    const { person, bytes } = writeChain();
    const without = (...left: number[]) => bytes.filter((one, seq) => isLandmark(one) && !left.includes(seq));
    expectRefusal("bad-epoch", () => verifyOutline(person.userId, without(3)));
    expectRefusal("bad-signer", () => verifyOutline(person.userId, without(5)));
    expectRefusal("bad-seq", () => verifyOutline(person.userId, without(1)));
    expectRefusal("bad-type", () => verifyOutline(person.userId, without(0)));
    expectRefusal("bad-author", () => verifyOutline(createPerson().userId, without()));
  });

  it("lets nothing stand between a CARD and its EPOCH", () => {
    const { chain, state } = afterCard();
    const { payload } = chain.nextEpoch(EpochReason.CARD_CHANGED);
    const late = chain.sign(EntryType.EPOCH, encodeEpochPayload(payload), { epoch: payload.n, seq: chain.seq + 2 });
    expectRefusal("bad-seq", () => verifyNextOutlineEntry(state, late.bytes));
    const second = chain.sign(EntryType.CARD, withNextCard(chain.person).card.bytes);
    expectRefusal("bad-epoch", () => verifyNextOutlineEntry(state, second.bytes));
  });

  it("does not begin in the middle", () => {
    const alice = createPerson();
    const { bytes } = new ChainWriter(alice).sign(EntryType.CARD, alice.card.bytes, { seq: 4 });
    expectRefusal("bad-seq", () => verifyNextOutlineEntry(emptyChain(alice.userId), bytes));
  });

  it("notices a neighbour that is not linked, and a fork of its newest entry", () => {
    const { chain, state } = afterCard();
    const { payload } = chain.nextEpoch(EpochReason.CARD_CHANGED);
    const sign = (overrides: object) => chain.sign(EntryType.EPOCH, encodeEpochPayload(payload), { epoch: payload.n, ...overrides }).bytes;
    expectRefusal("bad-prev", () => verifyNextOutlineEntry(state, sign({ prev: filled(32, 1) })));
    const next = verifyNextOutlineEntry(state, sign({})).state;
    expectRefusal("fork", () => verifyNextOutlineEntry(next, sign({ epoch: payload.n, timeMs: 7 })));
  });

  function afterCard() {
    const chain = ChainWriter.begin(createPerson());
    chain.changeCard();
    return { chain, state: outlineOf(chain).state };
  }
});

describe("a single entry", () => {
  it("is verified at its place by the outline", () => {
    const chain = writeChain();
    const outline = outlineOf(chain);
    chain.bytes.forEach((bytes, seq) => {
      expect(verifySigned(outline, bytes)).toMatchObject({ entry: { seq }, entryHash: chain.entries[seq]?.entryHash });
    });
    expect(verifySigned(outline, chain.bytes[4]!.subarray(0, 234)).entry.payload).toBeUndefined();
  });

  it("is refused when the card of another time signed it", () => {
    const chain = writeChain();
    const outline = outlineOf(chain);
    const heal = encodeHealPayload([filled(32, 1)]);
    const early = chain.sign(EntryType.HEAL, heal, { seq: 4, epoch: 1 });
    expectRefusal("bad-signer", () => verifySigned(outline, early.bytes));
    expectRefusal("bad-signer", () => verifySigned({ ...outline, cards: [] }, chain.bytes[4]!));
  });

  it("is refused when it is another author's, not signed, or carries another payload", () => {
    const chain = writeChain();
    const outline = outlineOf(chain);
    const heal = encodeHealPayload([filled(32, 1)]);
    expectRefusal("bad-author", () => verifySigned(outline, chain.sign(EntryType.HEAL, heal, { author: filled(32, 1) }).bytes));
    expectRefusal("bad-sig", () => verifySigned(outline, withByte(chain.bytes[4]!, 200)));
    expectRefusal("bad-payload-hash", () => verifySigned(outline, withByte(chain.bytes[4]!, 400)));
  });

  it("is refused when it carries the epoch of another place", () => {
    const chain = writeChain();
    const outline = outlineOf(chain);
    const heal = encodeHealPayload([filled(32, 1)]);
    expectRefusal("bad-epoch", () => verifySigned(outline, chain.sign(EntryType.HEAL, heal, { epoch: 1 }).bytes));
  });

  it("shows when the outline was kept incomplete", () => {
    const chain = writeChain();
    const early = verifyOutline(chain.person.userId, chain.bytes.slice(0, 2));
    expectRefusal("bad-epoch", () => verifySigned(early, chain.bytes[3]!));
    expectRefusal("bad-epoch", () => verifySigned(early, chain.bytes[4]!));
    const cut = verifyOutline(chain.person.userId, [0, 1, 3, 5].map((seq) => chain.bytes[seq]!));
    const heal = chain.sign(EntryType.HEAL, encodeHealPayload([filled(32, 1)]), { epoch: 1 });
    expectRefusal("bad-epoch", () => verifySigned(cut, heal.bytes));
    expect(verifySigned(cut, chain.bytes[4]!).entry.seq).toBe(4);
    expect(verifySigned(cut, chain.bytes[5]!).entry.seq).toBe(5);
    const noEpochs = verifyOutline(chain.person.userId, chain.bytes.slice(0, 1));
    expectRefusal("bad-epoch", () => verifySigned(noEpochs, chain.bytes[2]!));
  });

  it("at the place of a CARD or EPOCH has to be exactly that", () => {
    const chain = writeChain();
    const outline = outlineOf(chain);
    const other = chain.sign(EntryType.EPOCH, encodeEpochPayload(chain.epochs[2]!), { seq: 6, epoch: 2, timeMs: 5 });
    expectRefusal("fork", () => verifySigned(outline, other.bytes));
    const elsewhere = chain.sign(EntryType.EPOCH, encodeEpochPayload(chain.epochs[2]!));
    expectRefusal("bad-epoch", () => verifySigned(outline, elsewhere.bytes));
    expectRefusal("bad-epoch", () => verifySigned(outline, chain.sign(EntryType.CARD, chain.person.card.bytes).bytes));
  });

  it("is refused as a revocation, which has no meaning yet", () => {
    const chain = writeChain();
    expectRefusal("bad-type", () => verifySigned(outlineOf(chain), chain.sign(EntryType.REVOKE, filled(3, 1)).bytes));
  });
});

describe("older history", () => {
  it("is read backwards, each entry named by the one after it", () => {
    const chain = writeChain();
    const outline = outlineOf(chain);
    let newer = parseEntry(chain.bytes[7]!);
    for (let seq = 6; seq >= 0; seq -= 1) {
      const { entry } = verifyLinkedBackwards(outline, newer, chain.bytes[seq]!);
      expect(entry.seq).toBe(seq);
      newer = parseEntry(chain.bytes[seq]!);
    }
  });

  it("is refused with a gap, and when the newer entry names another", () => {
    const chain = writeChain();
    const outline = outlineOf(chain);
    const head = parseEntry(chain.bytes[4]!);
    expectRefusal("bad-seq", () => verifyLinkedBackwards(outline, head, chain.bytes[2]!));
    const other = new ChainWriter(chain.person);
    Object.assign(other, { entries: chain.entries.slice(0, 7), keys: chain.keys });
    expectRefusal("bad-prev", () => verifyLinkedBackwards(outline, parseEntry(chain.think("8").bytes), other.signThought("not 7").bytes));
  });
});

describe("joining a chain", () => {
  it("at any entry goes on as if all before it had been read", () => {
    const chain = writeChain();
    const outline = outlineOf(chain);
    chain.bytes.forEach((bytes, seq) => {
      let state = emptyChain(chain.person.userId);
      for (const one of chain.bytes.slice(0, seq + 1)) state = verifyNextEntry(state, one).state;
      const joined = joinChain(outline, bytes).state;
      expect(joined).toMatchObject({ seq, headHash: state.headHash, epoch: state.epoch, pendingReason2: state.pendingReason2 });
      expect(joined.card?.bytes).toStrictEqual(state.card?.bytes);
      expect(joined.commitments?.n).toBe(state.commitments?.n);
      const following = chain.bytes[seq + 1];
      if (following) expect(verifyNextEntry(joined, following).entry.seq).toBe(seq + 1);
    });
  });

  it("at a withdrawn thought works too", () => {
    const chain = writeChain();
    const { state } = joinChain(outlineOf(chain), chain.bytes[4]!.subarray(0, 234));
    expect(verifyNextEntry(state, chain.bytes[5]!).state.pendingReason2).toBe(true);
  });
});
