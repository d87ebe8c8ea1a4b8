import { createEntry, sign } from "../../../src/crypto/index.ts";
import {
  concatBytes,
  encodeBeaconPayload,
  encodeHealPayload,
  encodeTombstonePayload,
  EntryType,
  EpochReason,
  u8,
} from "../../../src/protocol/index.ts";
import { fromHex, toHex } from "../hex.ts";
import type { Vector } from "../vector.ts";
import { ChainTwin, type Overrides } from "./chain-twin.ts";
import { bytesFor, filled, person, withByte, withNextCard, withPart } from "./material.ts";
import { Topic } from "./topic.ts";

type Expect = Vector["expect"];
type Bytes = { bytes: Uint8Array };

const HEAL = encodeHealPayload([bytesFor("abandoned")]);
const TOO_LARGE = fromHex("0020000000000000");
const SEQ_OFFSET = 34;
const TIME_OFFSET = 78;
const LENGTH_OFFSET = 134;

export const withdrawn = ({ bytes }: Bytes): Uint8Array => bytes.subarray(0, 234);

/** A chain that stands at EPOCH 0 with one thought. */
export function beginChain(): ChainTwin {
  const chain = ChainTwin.begin(person("alice"));
  chain.think("first");
  return chain;
}

/** Signs a header as alice, whatever it says. */
function signHeader(header: Uint8Array): Uint8Array {
  return concatBytes(header, sign(person("alice").identity.sign.secretKey, "entry", header));
}

export function buildChain(): Topic {
  const topic = new Topic("chain", "§3");
  addHonest(topic);
  addGenesis(topic);
  addFormats(topic);
  addSigners(topic);
  addPlaces(topic);
  addTombstoneTargets(topic);
  return topic;
}

/** Vectors in which the last entry follows a chain. */
export function follower(topic: Topic) {
  return (id: string, expect: Expect, description: string, chain: ChainTwin, last: Bytes | Uint8Array) =>
    topic.add("read-chain", id, expect, description, {
      author: toHex(chain.person.userId),
      entries: [...chain.bytes, "bytes" in last ? last.bytes : last].map(toHex),
    });
}

function addHonest(topic: Topic): void {
  const chain = beginChain();
  const author = toHex(chain.person.userId);
  const { type, prev, entryId, signerCard, ...place } = { ...chain.place(), type: EntryType.HEAL };
  topic.add("create-entry", "create", "ok", "an entry is signed over its header, which names the payload", {
    ...place,
    type,
    author,
    prev: toHex(prev),
    entryId: toHex(entryId),
    signerCard: toHex(signerCard),
    signSeed: toHex(chain.person.seeds.signSeed),
    payload: toHex(HEAL),
  });
  const thought = chain.think("second");
  chain.withdraw(thought.entryHash);
  chain.rotate();
  chain.append(EntryType.HEAL, HEAL);
  chain.append(EntryType.BEACON, encodeBeaconPayload([bytesFor("observation", 101)]));
  chain.append(EntryType.BEACON, encodeBeaconPayload([]));
  chain.changeCard("alice 2");
  chain.rotate(EpochReason.CARD_CHANGED);
  chain.think("under the new card");
  const add = (id: string, description: string, entries: Uint8Array[]) =>
    topic.add("read-chain", id, "ok", description, { author, entries: entries.map(toHex) });
  add("genesis", "CARD and EPOCH 0", chain.bytes.slice(0, 2));
  add("every-type", "every type of entry, two epochs more and a new card", chain.bytes);
  add("withdrawn", "a withdrawn thought is read by its header alone", chain.bytes.map((bytes, seq) => (seq === 3 ? bytes.subarray(0, 234) : bytes)));
}

function addGenesis(topic: Topic): void {
  const alice = person("alice");
  const eve = person("eve");
  const empty = new ChainTwin(alice);
  const add = (id: string, expect: Expect, description: string, entry: Bytes | Uint8Array) => follower(topic)(`genesis-${id}`, expect, description, empty, entry);
  const card = (overrides: Overrides, bytes = alice.card.bytes) => empty.sign(EntryType.CARD, bytes, overrides);
  add("other-author", "bad-author", "somebody else's genesis", new ChainTwin(eve).sign(EntryType.CARD, eve.card.bytes));
  add("forged-author", "bad-author", "somebody else's card under this author's id", new ChainTwin(eve).sign(EntryType.CARD, eve.card.bytes, { author: alice.userId }));
  add("other-author-own-card", "bad-author", "the author's card in an entry of somebody else", card({ author: eve.userId }));
  add("thought", "bad-type", "a thought before any card", ChainTwin.begin(alice).signThought("x", { seq: 0 }));
  add("epoch", "bad-type", "an EPOCH before any card", ChainTwin.begin(alice).entries[1]!);
  add("withdrawn", "bad-type", "a withdrawn header before any card", withdrawn(beginChain().entries[2]!));
  add("broken-card", "bad-sig", "a card with a broken signature", card({}, withByte(alice.card.bytes, -1)));
  const next = withNextCard(alice, "alice 2");
  add("continuation", "bad-card", "a continuation instead of a first card", new ChainTwin(next).sign(EntryType.CARD, next.card.bytes));
  add("signer", "bad-signer", "a signer other than the card itself", card({ signerCard: eve.cardHash }));
  add("signature", "bad-sig", "signed by another key than the card's", card({ signer: eve.identity }));
  add("prev", "bad-prev", "an entry before the first", card({ prev: filled(32, 1) }));
  add("seq", "bad-seq", "a chain that begins at 1", card({ seq: 1 }));
  add("epoch-1", "bad-epoch", "a CARD that carries an epoch before there is one", card({ epoch: 1 }));

  const begun = new ChainTwin(alice);
  begun.append(EntryType.CARD, alice.card.bytes);
  const addSecond = (id: string, description: string, entry: Bytes) => follower(topic)(`second-${id}`, "bad-epoch", description, begun, entry);
  addSecond("heal", "a HEAL where EPOCH 0 has to be", begun.sign(EntryType.HEAL, HEAL));
  addSecond("thought", "a thought where EPOCH 0 has to be", begun.sign(EntryType.THOUGHT, filled(73 + 256, 1)));
  addSecond("card", "a CARD where EPOCH 0 has to be", begun.sign(EntryType.CARD, next.card.bytes));
  follower(topic)("second-withdrawn", "bad-epoch", "a withdrawn header where EPOCH 0 has to be", begun, withdrawn(begun.sign(EntryType.THOUGHT, filled(73 + 256, 1))));
}

function addFormats(topic: Topic): void {
  const chain = beginChain();
  const add = (id: string, expect: Expect, description: string, entry: Bytes | Uint8Array) => follower(topic)(id, expect, description, chain, entry);
  const { bytes } = chain.signThought("second");
  const header = bytes.subarray(0, 170);
  add("empty", "bad-length", "no bytes", new Uint8Array());
  add("header-truncated", "bad-length", "233 bytes", bytes.subarray(0, 233));
  add("payload-truncated", "bad-length", "the last byte of the payload is missing", bytes.subarray(0, -1));
  add("payload-longer", "bad-length", "a byte after the payload", concatBytes(bytes, u8(0)));
  add("version", "unknown-version", "version 2, well signed", concatBytes(signHeader(withByte(header, 0, 3)), bytes.subarray(234)));
  add("version-of-another-length", "unknown-version", "a later version may have any length", concatBytes(u8(2), filled(20, 1)));
  add("type-7", "bad-type", "a type that does not exist", concatBytes(signHeader(withPart(header, 1, u8(7))), bytes.subarray(234)));
  add("revoke", "bad-type", "a revocation, which has no meaning yet", chain.sign(EntryType.REVOKE, filled(32, 1)));
  add("seq-too-large", "bad-value", "a position of 2^53", signHeader(withPart(header, SEQ_OFFSET, TOO_LARGE)));
  add("time-too-large", "bad-value", "a time of 2^53", signHeader(withPart(header, TIME_OFFSET, TOO_LARGE)));
  add("card-length", "bad-length", "a CARD of 1300 bytes", chain.sign(EntryType.CARD, filled(1300, 1)));
  add("epoch-length", "bad-length", "an EPOCH of 179 bytes", chain.sign(EntryType.EPOCH, filled(179, 1), { epoch: 1 }));
  add("thought-length", "bad-length", "a thought that is not padded to a bucket", chain.sign(EntryType.THOUGHT, filled(73 + 300, 1)));
  add("thought-empty", "bad-length", "a thought without a payload, whose header claims one of 0 bytes", chain.sign(EntryType.THOUGHT, new Uint8Array()));
  add("thought-too-long", "bad-length", "a thought in a bucket of 128 k", signHeader(withPart(header, LENGTH_OFFSET, fromHex("00020049"))));
  add("tombstone-length", "bad-length", "a TOMBSTONE of 33 bytes", chain.sign(EntryType.TOMBSTONE, filled(33, 1)));
  add("heal-nothing", "bad-length", "a HEAL of nothing", chain.sign(EntryType.HEAL, u8(0)));
  add("heal-length", "bad-length", "a HEAL of half a hash", chain.sign(EntryType.HEAL, concatBytes(u8(1), filled(16, 1))));
  add("heal-count", "bad-length", "a HEAL that counts two hashes and holds one", chain.sign(EntryType.HEAL, withPart(HEAL, 0, u8(2))));
  add("heal-count-low", "bad-length", "a HEAL that counts one hash and holds two", chain.sign(EntryType.HEAL, concatBytes(HEAL, bytesFor("second"))));
  add("heal-zero", "bad-value", "a HEAL that counts none and holds one", chain.sign(EntryType.HEAL, withPart(HEAL, 0, u8(0))));
  add("beacon-length", "bad-length", "a BEACON of half an observation", chain.sign(EntryType.BEACON, concatBytes(u8(1), filled(50, 1))));
  add("beacon-count", "bad-length", "a BEACON that counts two observations and holds one", chain.sign(EntryType.BEACON, concatBytes(u8(2), filled(101, 1))));
  add("beacon-count-low", "bad-length", "a BEACON that counts none and holds one", chain.sign(EntryType.BEACON, concatBytes(u8(0), filled(101, 1))));
  add("withdrawn-tombstone", "bad-type", "a TOMBSTONE without its payload", withdrawn(chain.sign(EntryType.TOMBSTONE, filled(32, 1))));
  add("withdrawn-epoch", "bad-type", "an EPOCH without its payload would take the history behind it along", withdrawn(chain.sign(EntryType.EPOCH, filled(180, 1), { epoch: 1 })));
  add("withdrawn-heal", "bad-type", "a HEAL without its payload", withdrawn(chain.sign(EntryType.HEAL, HEAL)));
}

function addSigners(topic: Topic): void {
  const chain = beginChain();
  const { person: alice } = chain;
  const eve = person("eve");
  const add = (id: string, expect: Expect, description: string, entry: Bytes | Uint8Array) => follower(topic)(id, expect, description, chain, entry);
  const thought = chain.signThought("second");
  const underCard = concatBytes(thought.bytes.subarray(0, 170), sign(alice.identity.sign.secretKey, "card", thought.bytes.subarray(0, 170)));
  add("author", "bad-author", "an entry of another author, signed by this one", chain.sign(EntryType.HEAL, HEAL, { author: eve.userId }));
  add("signer", "bad-signer", "an entry that another card signed and names", chain.sign(EntryType.HEAL, HEAL, { signer: eve.identity, signerCard: eve.cardHash }));
  add("forged", "bad-sig", "an entry in this author's name that a friend signed", chain.sign(EntryType.HEAL, HEAL, { signer: eve.identity }));
  add("other-label", "bad-sig", "an entry signed under card", concatBytes(underCard, thought.bytes.subarray(234)));
  add("changed-signature", "bad-sig", "a bit of the signature changed", withByte(thought.bytes, 200));
  add("changed-header", "bad-sig", "the time changed", withByte(thought.bytes, TIME_OFFSET + 7));
  add("changed-payload", "bad-payload-hash", "a byte of the payload changed", withByte(thought.bytes, 400));
  add("foreign-payload", "bad-payload-hash", "the payload of another thought", concatBytes(thought.bytes.subarray(0, 234), chain.entries[2]!.bytes.subarray(234)));
  add("withdrawn-signature", "bad-sig", "a withdrawn header with a broken signature", withByte(withdrawn(thought), 233));
}

function addPlaces(topic: Topic): void {
  const chain = beginChain();
  const add = (id: string, expect: Expect, description: string, entry: Bytes | Uint8Array) => follower(topic)(id, expect, description, chain, entry);
  const eve = person("eve");
  const heal = (overrides: Overrides) => chain.sign(EntryType.HEAL, HEAL, overrides);
  const { prev } = chain.entries.length > 2 ? { prev: chain.entries[1]!.entryHash } : { prev: filled(32, 0) };
  add("gap", "bad-seq", "an entry is left out", heal({ seq: 4 }));
  add("repeated", "bad-seq", "the newest entry again, which is no fork", chain.entries[2]!);
  add("past", "bad-seq", "an entry from before", chain.entries[1]!);
  add("fork", "fork", "another entry at the newest position", heal({ seq: 2, prev }));
  add("fork-withdrawn", "fork", "another withdrawn thought at the newest position", withdrawn(chain.signThought("other", { seq: 2, prev })));
  add("prev", "bad-prev", "an entry that names another before it", heal({ prev }));
  add("prev-withdrawn", "bad-prev", "a withdrawn thought that names another before it", withdrawn(chain.signThought("other", { prev })));
  add("epoch-early", "bad-epoch", "an entry of an epoch that has not begun", heal({ epoch: 1 }));
  add("epoch-withdrawn", "bad-epoch", "a withdrawn thought of another epoch", withdrawn(chain.signThought("other", { epoch: 1 })));
  add("order-signature-first", "bad-sig", "not signed and at a wrong place: the signature is looked at first", heal({ seq: 9, prev, signer: eve.identity }));
  add("order-seq-before-prev", "bad-seq", "a wrong position and a wrong link: the position is looked at first", heal({ seq: 9, prev }));
  add("order-prev-before-epoch", "bad-prev", "a wrong link and a wrong epoch: the link is looked at first", heal({ prev, epoch: 5 }));
  add("order-epoch-before-payload", "bad-epoch", "a wrong epoch and a wrong payload: the epoch is looked at first", withByte(heal({ epoch: 5 }).bytes, -1));

  const later = beginChain();
  later.rotate();
  follower(topic)("epoch-late", "bad-epoch", "an entry of an epoch that has ended", later, later.sign(EntryType.HEAL, HEAL, { epoch: 0 }));
}

function addTombstoneTargets(topic: Topic): void {
  const chain = beginChain();
  const eve = ChainTwin.begin(person("eve"));
  const target = chain.entries[2]!;
  const withdrawing = (entryHash: Uint8Array) => chain.sign(EntryType.TOMBSTONE, encodeTombstonePayload(entryHash));
  const add = (id: string, expect: Expect, description: string, tombstone: Bytes, of: Bytes | Uint8Array) =>
    topic.add("verify-tombstone-target", `tombstone-${id}`, expect, description, {
      tombstone: toHex(tombstone.bytes),
      target: toHex("bytes" in of ? of.bytes : of),
    });
  add("thought", "ok", "an earlier thought of its author", withdrawing(target.entryHash), target);
  add("withdrawn", "ok", "the header that is left of it", withdrawing(target.entryHash), withdrawn(target));
  add("other", "bad-target", "a thought that it does not name", withdrawing(bytesFor("another entry")), target);
  add("card", "bad-target", "a CARD", withdrawing(chain.entries[0]!.entryHash), chain.entries[0]!);
  add("epoch", "bad-target", "an EPOCH would take the history behind it along", withdrawing(chain.entries[1]!.entryHash), chain.entries[1]!);
  const theirs = eve.signThought("theirs", { seq: 1 });
  add("other-author", "bad-target", "somebody else's thought", withdrawing(theirs.entryHash), theirs);
  const later = createEntry({ ...chain.place(), seq: 9, type: EntryType.THOUGHT, signer: chain.person.identity, payload: filled(73 + 256, 1) });
  add("later", "bad-target", "a thought that comes after it", withdrawing(later.entryHash), later);
  const first = withdrawing(target.entryHash);
  chain.append(EntryType.TOMBSTONE, encodeTombstonePayload(target.entryHash));
  add("tombstone", "bad-target", "another TOMBSTONE", withdrawing(first.entryHash), first);
  add("no-tombstone", "bad-type", "a thought withdraws nothing", target, target);
}
