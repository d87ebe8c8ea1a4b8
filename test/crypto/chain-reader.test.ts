import { beforeAll, describe, expect, it } from "vitest";
import {
  emptyChain,
  entryHashOf,
  openThought,
  ready,
  verifyNextEntry,
  verifyNextWithdrawn,
  verifyTombstoneTarget,
  type ChainState,
} from "../../src/crypto/index.ts";
import {
  encodeBeaconPayload,
  encodeEpochPayload,
  encodeHealPayload,
  encodeTombstonePayload,
  EntryType,
  EpochReason,
  parseEntry,
  parseWithdrawnEntry,
} from "../../src/protocol/index.ts";
import { filled, withByte } from "./support/bytes.ts";
import { ChainWriter } from "./support/chain-writer.ts";
import { createPerson, withNextCard } from "./support/person.ts";
import { expectRefusal } from "./support/refusal.ts";

beforeAll(ready);

function read(chain: ChainWriter): ChainState {
  return chain.bytes.reduce((state, bytes) => verifyNextEntry(state, bytes).state, emptyChain(chain.person.userId));
}

/** A chain at EPOCH 0 with one thought, and the state of a reader who has verified it. */
function begin() {
  const alice = createPerson();
  const chain = ChainWriter.begin(alice);
  chain.think("first");
  return { alice, chain, state: read(chain) };
}

describe("an honest chain", () => {
  it("is read from the first entry to the last, whatever happens in it", () => {
    const { chain } = begin();
    const thought = chain.think("second");
    chain.withdraw(thought.entryHash);
    chain.rotate();
    chain.append(EntryType.HEAL, encodeHealPayload([filled(32, 1)]));
    chain.append(EntryType.BEACON, encodeBeaconPayload([filled(101, 1)]));
    chain.changeCard();
    chain.rotate(EpochReason.CARD_CHANGED);
    chain.think("under the new card");
    const state = read(chain);
    expect(state).toMatchObject({ seq: chain.seq, headHash: chain.head, epoch: 2, pendingReason2: false });
    expect(state.card?.bytes).toStrictEqual(chain.person.card.bytes);
    expect(state.commitments).toMatchObject({ n: 2, commitment: chain.epochs[2]?.commitment });
  });

  it("is opened only after it is verified, by the key of its epoch", () => {
    const { chain, state } = begin();
    const { entry, entryHash } = verifyNextEntry(state, chain.signThought("hello").bytes);
    expect(openThought(chain.thoughtKey, entry)).toStrictEqual({ v: 1, t: "hello" });
    expect(entryHash).toStrictEqual(entryHashOf(entry.header));
  });

  it("is read on when a thought in it has been withdrawn", () => {
    const { chain } = begin();
    chain.think("gone");
    chain.think("kept");
    const beforeIt = chain.bytes.slice(0, 3).reduce((state, bytes) => verifyNextEntry(state, bytes).state, emptyChain(chain.person.userId));
    const { state } = verifyNextWithdrawn(beforeIt, chain.bytes[3]!.subarray(0, 234));
    expect(verifyNextEntry(state, chain.bytes[4]!).state.seq).toBe(4);
  });
});

describe("the genesis", () => {
  it("begins with the author's own first card", () => {
    const alice = createPerson();
    const chain = new ChainWriter(alice);
    expectRefusal("bad-author", () => verifyNextEntry(emptyChain(createPerson().userId), chain.sign(EntryType.CARD, alice.card.bytes).bytes));
    for (const [type, payload] of [
      [EntryType.THOUGHT, filled(73 + 256, 1)],
      [EntryType.EPOCH, encodeEpochPayload(chain.nextEpoch(EpochReason.FIRST).payload)],
    ] as const) {
      expectRefusal("bad-type", () => verifyNextEntry(emptyChain(alice.userId), chain.sign(type, payload).bytes));
    }
    expectRefusal("bad-type", () => verifyNextWithdrawn(emptyChain(alice.userId), ChainWriter.begin(alice).think("x").bytes.subarray(0, 234)));
  });

  it("is refused with somebody else's card, although that card signs it", () => {
    const [alice, eve] = [createPerson(), createPerson()];
    const forged = new ChainWriter(eve).sign(EntryType.CARD, eve.card.bytes, { author: alice.userId });
    expectRefusal("bad-author", () => verifyNextEntry(emptyChain(alice.userId), forged.bytes));
  });

  it("is refused with a card that does not verify, or a continuation", () => {
    const alice = createPerson();
    const next = withNextCard(alice);
    const broken = new ChainWriter(alice).sign(EntryType.CARD, withByte(alice.card.bytes, 1300));
    expectRefusal("bad-sig", () => verifyNextEntry(emptyChain(alice.userId), broken.bytes));
    const continuation = new ChainWriter(next).sign(EntryType.CARD, next.card.bytes);
    expectRefusal("bad-card", () => verifyNextEntry(emptyChain(alice.userId), continuation.bytes));
  });

  it("names its own card as the signer and nothing before it", () => {
    const alice = createPerson();
    const chain = new ChainWriter(alice);
    const sign = (overrides: object) => chain.sign(EntryType.CARD, alice.card.bytes, overrides).bytes;
    expectRefusal("bad-signer", () => verifyNextEntry(emptyChain(alice.userId), sign({ signerCard: filled(32, 1) })));
    expectRefusal("bad-prev", () => verifyNextEntry(emptyChain(alice.userId), sign({ prev: filled(32, 1) })));
    expectRefusal("bad-seq", () => verifyNextEntry(emptyChain(alice.userId), sign({ seq: 1 })));
    expectRefusal("bad-epoch", () => verifyNextEntry(emptyChain(alice.userId), sign({ epoch: 1 })));
  });

  it("goes on with EPOCH 0 and with nothing else", () => {
    const alice = createPerson();
    const chain = new ChainWriter(alice);
    chain.append(EntryType.CARD, alice.card.bytes);
    const state = read(chain);
    expectRefusal("bad-epoch", () => verifyNextEntry(state, chain.sign(EntryType.HEAL, encodeHealPayload([filled(32, 1)])).bytes));
    expectRefusal("bad-epoch", () => verifyNextEntry(state, chain.sign(EntryType.CARD, withNextCard(alice).card.bytes).bytes));
    const { payload } = chain.nextEpoch(EpochReason.FIRST);
    expectRefusal("bad-epoch", () => verifyNextEntry(state, chain.sign(EntryType.EPOCH, encodeEpochPayload(payload), { epoch: 1 }).bytes));
    expect(verifyNextEntry(state, chain.sign(EntryType.EPOCH, encodeEpochPayload(payload)).bytes).state.commitments?.n).toBe(0);
  });
});

describe("a reader refuses", () => {
  it("another author's entry", () => {
    const { chain, state } = begin();
    const { bytes } = chain.sign(EntryType.HEAL, encodeHealPayload([filled(32, 1)]), { author: createPerson().userId });
    expectRefusal("bad-author", () => verifyNextEntry(state, bytes));
  });

  it("an entry that does not name the card in force", () => {
    const { chain, state } = begin();
    const eve = createPerson();
    const heal = encodeHealPayload([filled(32, 1)]);
    const { bytes } = chain.sign(EntryType.HEAL, heal, { signerCard: eve.cardHash, signer: eve.identity });
    expectRefusal("bad-signer", () => verifyNextEntry(state, bytes));
  });

  it("an entry that the card in force did not sign, from a friend who holds the epoch's key too", () => {
    const { chain, state } = begin();
    const eve = createPerson();
    const forged = new ChainWriter({ ...chain.person, identity: eve.identity });
    Object.assign(forged, { entries: chain.entries, keys: chain.keys });
    expectRefusal("bad-sig", () => verifyNextEntry(state, forged.signThought("in your name").bytes));
  });

  it("every single changed byte", () => {
    const { chain, state } = begin();
    const { bytes } = chain.signThought("hello");
    for (let index = 0; index < bytes.length; index += 1) {
      expect(() => verifyNextEntry(state, withByte(bytes, index))).toThrow(/^(unknown-version|bad-)/);
    }
  });

  it("a gap and an entry from the past", () => {
    const { chain, state } = begin();
    chain.think("second");
    expectRefusal("bad-seq", () => verifyNextEntry(state, chain.signThought("third").bytes));
    expectRefusal("bad-seq", () => verifyNextEntry(read(chain), chain.bytes[1]!));
  });

  it("the newest entry given twice, as a repetition and not as a fork", () => {
    const { chain, state } = begin();
    expectRefusal("bad-seq", () => verifyNextEntry(state, chain.bytes[2]!));
  });

  it("a second entry at the newest position, as a fork", () => {
    const alice = createPerson();
    const chain = ChainWriter.begin(alice);
    const other = chain.signThought("what the others are shown");
    chain.think("what you are shown");
    expectRefusal("fork", () => verifyNextEntry(read(chain), other.bytes));
  });

  it("an entry that does not name the one before it", () => {
    const { chain, state } = begin();
    const { bytes } = chain.sign(EntryType.HEAL, encodeHealPayload([filled(32, 1)]), { prev: filled(32, 1) });
    expectRefusal("bad-prev", () => verifyNextEntry(state, bytes));
  });

  it("an entry of another epoch than the last EPOCH before it", () => {
    const { chain } = begin();
    chain.rotate();
    const heal = encodeHealPayload([filled(32, 1)]);
    expectRefusal("bad-epoch", () => verifyNextEntry(read(chain), chain.sign(EntryType.HEAL, heal, { epoch: 0 }).bytes));
    expectRefusal("bad-epoch", () => verifyNextEntry(read(chain), chain.sign(EntryType.HEAL, heal, { epoch: 2 }).bytes));
  });

  it("a payload other than the signed one", () => {
    const { chain, state } = begin();
    const { bytes } = chain.signThought("hello");
    expectRefusal("bad-payload-hash", () => verifyNextEntry(state, withByte(bytes, 400)));
  });

  it("a revocation, which has no meaning yet", () => {
    const { chain, state } = begin();
    expectRefusal("bad-type", () => verifyNextEntry(state, chain.sign(EntryType.REVOKE, filled(32, 1)).bytes));
  });

  it("a HEAL and a BEACON whose count is wrong", () => {
    const { chain, state } = begin();
    const heal = withByte(encodeHealPayload([filled(32, 1)]), 0, 3);
    expectRefusal("bad-length", () => verifyNextEntry(state, chain.sign(EntryType.HEAL, heal).bytes));
    const beacon = withByte(encodeBeaconPayload([filled(101, 1)]), 0, 3);
    expectRefusal("bad-length", () => verifyNextEntry(state, chain.sign(EntryType.BEACON, beacon).bytes));
  });

  it("an entry without payload where one has to be, and a header of any type but a thought", () => {
    const { chain, state } = begin();
    expectRefusal("bad-length", () => verifyNextEntry(state, chain.signThought("x").bytes.subarray(0, 234)));
    const { bytes } = chain.sign(EntryType.TOMBSTONE, encodeTombstonePayload(chain.head));
    expectRefusal("bad-type", () => verifyNextWithdrawn(state, bytes.subarray(0, 234)));
  });

  it("a withdrawn header that is not signed, linked or of this epoch", () => {
    const { chain, state } = begin();
    const header = chain.signThought("x").bytes.subarray(0, 234);
    expect(verifyNextWithdrawn(state, header).entry.payload).toBeUndefined();
    expectRefusal("bad-sig", () => verifyNextWithdrawn(state, withByte(header, 233)));
    const payload = filled(73 + 256, 1);
    const sign = (overrides: object) => chain.sign(EntryType.THOUGHT, payload, overrides).bytes.subarray(0, 234);
    expectRefusal("bad-prev", () => verifyNextWithdrawn(state, sign({ prev: filled(32, 1) })));
    expectRefusal("bad-epoch", () => verifyNextWithdrawn(state, sign({ epoch: 1 })));
  });
});

describe("an EPOCH", () => {
  it("counts on by one, in its header and in its payload", () => {
    const { chain, state } = begin();
    const { payload } = chain.nextEpoch(EpochReason.ANY);
    const sign = (n: number, epoch: number) => chain.sign(EntryType.EPOCH, encodeEpochPayload({ ...payload, n }), { epoch }).bytes;
    expect(verifyNextEntry(state, sign(1, 1)).state.epoch).toBe(1);
    for (const [n, epoch] of [[2, 2], [1, 2], [2, 1], [1, 0]] as const) {
      expectRefusal("bad-epoch", () => verifyNextEntry(state, sign(n, epoch)));
    }
  });

  it("begins only once", () => {
    const { chain, state } = begin();
    const again = new ChainWriter(chain.person).nextEpoch(EpochReason.FIRST).payload;
    expectRefusal("bad-epoch", () => verifyNextEntry(state, chain.sign(EntryType.EPOCH, encodeEpochPayload(again)).bytes));
  });

  it("has reason 2 exactly when it follows a new card", () => {
    const { chain, state } = begin();
    const early = chain.nextEpoch(EpochReason.CARD_CHANGED).payload;
    expectRefusal("bad-epoch", () => verifyNextEntry(state, chain.sign(EntryType.EPOCH, encodeEpochPayload(early), { epoch: 1 }).bytes));
    chain.changeCard();
    const any = chain.nextEpoch(EpochReason.ANY).payload;
    expectRefusal("bad-epoch", () => verifyNextEntry(read(chain), chain.sign(EntryType.EPOCH, encodeEpochPayload(any), { epoch: 1 }).bytes));
  });
});

describe("a later CARD", () => {
  it("is signed by the card before it, and what follows by the new one", () => {
    const { alice, chain, state } = begin();
    const next = withNextCard(alice);
    const byNew = chain.sign(EntryType.CARD, next.card.bytes, { signer: next.identity, signerCard: next.cardHash });
    expectRefusal("bad-signer", () => verifyNextEntry(state, byNew.bytes));
    chain.changeCard();
    const { payload } = chain.nextEpoch(EpochReason.CARD_CHANGED);
    const byOld = { epoch: 1, signer: alice.identity, signerCard: alice.cardHash };
    expectRefusal("bad-signer", () => verifyNextEntry(read(chain), chain.sign(EntryType.EPOCH, encodeEpochPayload(payload), byOld).bytes));
  });

  it("continues the card in force", () => {
    const { chain, state } = begin();
    const stranger = withNextCard(createPerson());
    expectRefusal("bad-card", () => verifyNextEntry(state, chain.sign(EntryType.CARD, stranger.card.bytes).bytes));
    expectRefusal("bad-card", () => verifyNextEntry(state, chain.sign(EntryType.CARD, createPerson().card.bytes).bytes));
  });

  it("is followed by an EPOCH at once", () => {
    const { chain } = begin();
    chain.changeCard();
    const state = read(chain);
    expect(state.pendingReason2).toBe(true);
    expectRefusal("bad-epoch", () => verifyNextEntry(state, chain.signThought("x").bytes));
    chain.rotate(EpochReason.CARD_CHANGED);
    expect(read(chain)).toMatchObject({ pendingReason2: false, epoch: 1 });
  });
});

describe("a TOMBSTONE", () => {
  const tombstoneOf = (chain: ChainWriter, target: Uint8Array) =>
    parseEntry(chain.sign(EntryType.TOMBSTONE, encodeTombstonePayload(target)).bytes);

  it("withdraws an earlier thought of its author, whose payload may be gone", () => {
    const { chain } = begin();
    const target = chain.think("x");
    const tombstone = tombstoneOf(chain, target.entryHash);
    verifyTombstoneTarget(tombstone, parseEntry(target.bytes));
    verifyTombstoneTarget(tombstone, parseWithdrawnEntry(target.bytes.subarray(0, 234)));
  });

  it("withdraws nothing but what it names", () => {
    const { chain } = begin();
    const target = chain.think("x");
    expectRefusal("bad-target", () => verifyTombstoneTarget(tombstoneOf(chain, chain.entries[2]!.entryHash), parseEntry(target.bytes)));
    expectRefusal("bad-type", () => verifyTombstoneTarget(parseEntry(target.bytes), parseEntry(target.bytes)));
  });

  it("never withdraws a CARD or an EPOCH, which would kill the history", () => {
    const { chain } = begin();
    for (const index of [0, 1]) {
      const target = chain.entries[index]!;
      expectRefusal("bad-target", () => verifyTombstoneTarget(tombstoneOf(chain, target.entryHash), parseEntry(target.bytes)));
    }
  });

  it("never withdraws somebody else's thought, or one that comes after it", () => {
    const { chain } = begin();
    const other = begin().chain.entries[2]!;
    expectRefusal("bad-target", () => verifyTombstoneTarget(tombstoneOf(chain, other.entryHash), parseEntry(other.bytes)));
    for (const seq of [chain.seq + 1, chain.seq + 2]) {
      const later = chain.sign(EntryType.THOUGHT, filled(73 + 256, 1), { seq });
      expectRefusal("bad-target", () => verifyTombstoneTarget(tombstoneOf(chain, later.entryHash), parseEntry(later.bytes)));
    }
  });
});
