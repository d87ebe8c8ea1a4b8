import { createForkProof, sign } from "../../../src/crypto/index.ts";
import { concatBytes, EntryType, encodeHealPayload, parseEntryHeader, u16, u8, type Card, type EntryHeader } from "../../../src/protocol/index.ts";
import { fromHex, toHex } from "../hex.ts";
import type { Vector } from "../vector.ts";
import { ChainTwin } from "./chain-twin.ts";
import { bytesFor, person, withByte, withNextCard, withPart } from "./material.ts";
import { Topic } from "./topic.ts";

const TIME_OFFSET = 78;
const SEQ_OFFSET = 34;
const HEADERS_BYTES = 2 * 234;

const headerOf = ({ bytes }: { bytes: Uint8Array }): EntryHeader => parseEntryHeader(bytes.subarray(0, 234));

/** A proof as PROTOCOL.md §3 lays it out, whatever it holds. */
function proofWith(cards: Pick<Card, "bytes">[], first: Uint8Array, second: Uint8Array, count = cards.length): Uint8Array {
  return concatBytes(u8(1), u16(count), ...cards.map(({ bytes }) => bytes), first, second);
}

export function buildForkProofs(): Topic {
  const topic = new Topic("fork-proof", "§3");
  const alice = person("alice");
  const eve = person("eve");
  const chain = ChainTwin.begin(alice);
  const [one, two] = [chain.signThought("one"), chain.signThought("two", { entryId: bytesFor("another id", 16) })];
  const elsewhere = headerOf(chain.signThought("elsewhere", { seq: 9 })).bytes;
  const proof = createForkProof([alice.card], headerOf(one), headerOf(two));
  const [first, second] = [proof.slice(-HEADERS_BYTES, -234), proof.slice(-234)];
  const add = (id: string, expect: Vector["expect"], description: string, bytes: Uint8Array) => topic.add("verify-fork-proof", id, expect, description, { proof: toHex(bytes) });
  const resigned = (header: Uint8Array, offset: number, part: Uint8Array, by = alice) => {
    const changed = withPart(header.subarray(0, 170), offset, part);
    return concatBytes(changed, sign(by.identity.sign.secretKey, "entry", changed));
  };

  topic.add("create-fork-proof", "create", "ok", "from two thoughts for one place, in either order", { cards: [toHex(alice.card.bytes)], a: toHex(headerOf(two).bytes), b: toHex(headerOf(one).bytes) });
  topic.add("create-fork-proof", "create-of-one", "no-conflict", "from one thought twice", { cards: [toHex(alice.card.bytes)], a: toHex(headerOf(one).bytes), b: toHex(headerOf(one).bytes) });
  topic.add("create-fork-proof", "create-without-signer", "bad-signer", "without the card that signed", { cards: [toHex(eve.card.bytes)], a: toHex(headerOf(one).bytes), b: toHex(headerOf(two).bytes) });
  add("thoughts", "ok", "two thoughts for one place", proof);
  const heal = chain.sign(EntryType.HEAL, encodeHealPayload([one.entryHash]), { entryId: bytesFor("heal", 16) });
  add("types", "ok", "a thought and a HEAL for one place: that it explains the thought does not undo the signatures", createForkProof([alice.card], headerOf(one), headerOf(heal)));

  add("empty", "bad-length", "no bytes", new Uint8Array());
  add("truncated", "bad-length", "a byte less", proof.subarray(0, -1));
  add("longer", "bad-length", "a byte more", concatBytes(proof, u8(0)));
  add("one-header", "bad-length", "one header only", proof.subarray(0, -234));
  add("version", "unknown-version", "version 2", withByte(proof, 0, 3));
  add("no-cards", "bad-value", "no card", proofWith([], first, second));
  add("many-cards", "bad-value", "257 cards are claimed", proofWith([alice.card], first, second, 257));
  add("seq-too-large", "bad-value", "a place of 2^53, well signed", proofWith([alice.card], resigned(first, SEQ_OFFSET, fromHex("0020000000000000")), second));
  add("header-version", "unknown-version", "a header of version 2, well signed", proofWith([alice.card], resigned(first, 0, u8(2)), second));
  add("header-type", "bad-type", "a header of type 9, well signed", proofWith([alice.card], resigned(first, 1, u8(9)), second));
  add("card-changed", "bad-sig", "a card that its keys did not sign", proofWith([{ bytes: withByte(alice.card.bytes, 12) }], first, second));
  add("card-not-first", "bad-card", "a first card that counts as the second", proofWith([{ bytes: withByte(alice.card.bytes, 4, 3) }], first, second));
  add("other-author", "bad-author", "a card of eve before alice's entries", proofWith([eve.card], first, second));
  add("one-of-another", "bad-author", "an entry of alice and one of eve", proofWith([alice.card], first, headerOf(ChainTwin.begin(eve).signThought("eve's")).bytes));
  add("claimed-author", "bad-sig", "an entry that eve signed in alice's name", proofWith([alice.card], first, resigned(second, TIME_OFFSET, fromHex("0000000000000001"), eve)));
  add("signature", "bad-sig", "a bit of a signature changed", withByte(proof, -1));
  add("first-signature", "bad-sig", "a bit of the other signature changed", withByte(proof, -235));
  add("unsigned-time", "bad-sig", "a header changed after it was signed", withByte(proof, -234 + TIME_OFFSET + 7));
  add("same", "no-conflict", "one header twice", proofWith([alice.card], first, first));
  add("two-places", "no-conflict", "two places", proofWith([alice.card], first, elsewhere));
  add("descending", "no-conflict", "the larger entry hash first", proofWith([alice.card], second, first));
  addLaterCards(topic);
  return topic;
}

/** Signers with a second card. */
function addLaterCards(topic: Topic): void {
  const alice = person("alice");
  const renewed = withNextCard(alice, "alice renewed");
  const eve = withNextCard(person("eve"), "eve renewed");
  const [before, after] = [ChainTwin.begin(alice), ChainTwin.begin(alice)];
  after.person = renewed;
  const old = headerOf(before.signThought("by the first card"));
  const fresh = [headerOf(after.signThought("by the second card")), headerOf(after.signThought("by the second card too", { entryId: bytesFor("another id", 16) }))] as const;
  const cards = [alice.card, renewed.card];
  const proof = createForkProof(cards, ...fresh);
  const [first, second] = [proof.slice(-HEADERS_BYTES, -234), proof.slice(-234)];
  const add = (id: string, expect: Vector["expect"], description: string, bytes: Uint8Array) => topic.add("verify-fork-proof", id, expect, description, { proof: toHex(bytes) });
  add("second-card", "ok", "two entries that the second card signed", proof);
  add("both-cards", "ok", "an entry by each card", createForkProof(cards, old, fresh[0]));
  add("card-missing", "bad-signer", "without the card that signed", proofWith([alice.card], first, second));
  const oldOther = headerOf(before.signThought("by the first card too", { entryId: bytesFor("another id", 16) }));
  const oldProof = createForkProof(cards, old, oldOther);
  add("card-to-spare", "bad-card", "with a card that signed neither", proofWith(cards, oldProof.slice(-HEADERS_BYTES, -234), oldProof.slice(-234)));
  add("foreign-continuation", "bad-card", "a continuation of somebody else's card", proofWith([alice.card, eve.card], first, second));
  add("continuation-alone", "bad-length", "a continuation without the card before it", proofWith([renewed.card], first, second));
}
