import { encodeEpochPayload, EntryType, EpochReason, u8, type EpochPayload } from "../../../src/protocol/index.ts";
import { toHex } from "../hex.ts";
import type { Vector } from "../vector.ts";
import { beginChain, follower } from "./chain.ts";
import { ChainTwin, epochWith, type Overrides } from "./chain-twin.ts";
import { bytesFor, filled, person, withByte, withNextCard, withPart } from "./material.ts";
import { Topic } from "./topic.ts";

type Expect = Vector["expect"];

const REASON_OFFSET = 72;
const LENGTH_OFFSET = 73;

/** What an EPOCH and a later CARD have to keep to inside a chain. */
export function buildEpochRules(): Topic {
  const topic = new Topic("epoch-rules", "§3");
  addFirstEpoch(topic);
  addLaterEpochs(topic);
  addCards(topic);
  return topic;
}

function addFirstEpoch(topic: Topic): void {
  const alice = person("alice");
  const begun = new ChainTwin(alice);
  begun.append(EntryType.CARD, alice.card.bytes);
  const { payload } = begun.nextEpoch(EpochReason.FIRST);
  const bytes = encodeEpochPayload(payload);
  const add = (id: string, expect: Expect, description: string, payloadBytes: Uint8Array, overrides: Overrides = {}) =>
    follower(topic)(`first-${id}`, expect, description, begun, begun.sign(EntryType.EPOCH, payloadBytes, overrides));
  add("header-1", "bad-epoch", "a first EPOCH whose header says 1", bytes, { epoch: 1 });
  add("payload-1", "bad-epoch", "a first EPOCH whose payload says 1", encodeEpochPayload(secondEpoch(alice.userId)));
  add("epoch-1", "bad-epoch", "a chain that begins with EPOCH 1", encodeEpochPayload(secondEpoch(alice.userId)), { epoch: 1 });
  add("reason", "bad-epoch", "EPOCH 0 for another reason than being the first", withPart(bytes, REASON_OFFSET, u8(1)));
  add("link", "bad-length", "EPOCH 0 with a link to an epoch before it", withPart(encodeEpochPayload({ ...secondEpoch(alice.userId), reason: EpochReason.ANY }), 0, filled(4, 0)));
}

function secondEpoch(author: Uint8Array): EpochPayload {
  return epochWith({ author, n: 1, key: bytesFor("epoch key 1"), previousKey: bytesFor("epoch key 0"), reason: EpochReason.ANY });
}

function addLaterEpochs(topic: Topic): void {
  const chain = beginChain();
  const { payload } = chain.nextEpoch();
  const bytes = encodeEpochPayload(payload);
  const add = (id: string, expect: Expect, description: string, payloadBytes: Uint8Array, overrides: Overrides = {}) =>
    follower(topic)(id, expect, description, chain, chain.sign(EntryType.EPOCH, payloadBytes, { epoch: 1, ...overrides }));
  add("next", "ok", "an EPOCH counts on by one", bytes);
  add("again", "bad-epoch", "EPOCH 0 a second time", encodeEpochPayload(chain.epochs[0]!), { epoch: 0 });
  add("skipped", "bad-epoch", "EPOCH 2 after EPOCH 0", encodeEpochPayload({ ...payload, n: 2 }), { epoch: 2 });
  add("header", "bad-epoch", "a header that says 2 and a payload that says 1", bytes, { epoch: 2 });
  add("payload", "bad-epoch", "a header that says 1 and a payload that says 2", encodeEpochPayload({ ...payload, n: 2 }));
  add("old-header", "bad-epoch", "a header with the epoch before", bytes, { epoch: 0 });
  add("reason-first", "bad-epoch", "a later EPOCH that calls itself the first", withPart(bytes, REASON_OFFSET, u8(0)));
  add("reason-card", "bad-epoch", "reason 2 without a new card", withPart(bytes, REASON_OFFSET, u8(2)));
  add("reason-unknown", "bad-value", "a reason that does not exist", withPart(bytes, REASON_OFFSET, u8(3)));
  add("no-link", "bad-length", "a later EPOCH without a link to the one before", withPart(encodeEpochPayload(chain.epochs[0]!), 0, Uint8Array.of(0, 0, 0, 1)));
  add("link-length", "bad-length", "a link that claims to be a byte shorter", withPart(bytes, LENGTH_OFFSET, Uint8Array.of(0, 104)));
  add("link-too-long", "bad-length", "a link that claims to be a byte longer", withPart(bytes, LENGTH_OFFSET, Uint8Array.of(0, 106)));
  const parse = (id: string, expect: Expect, description: string, payloadBytes: Uint8Array) =>
    topic.add("parse-epoch", `parse-${id}`, expect, description, { payload: toHex(payloadBytes) });
  parse("first", "ok", "the payload of EPOCH 0", encodeEpochPayload(chain.epochs[0]!));
  parse("second", "ok", "the payload of EPOCH 1", bytes);
  parse("longer", "bad-length", "a byte after the payload", withPart(filled(181, 0), 0, bytes));
  parse("empty", "bad-length", "no bytes", new Uint8Array());
}

function addCards(topic: Topic): void {
  const chain = beginChain();
  const alice = chain.person;
  const next = withNextCard(alice, "alice 2");
  const card = (bytes: Uint8Array, overrides: Overrides = {}) => chain.sign(EntryType.CARD, bytes, overrides);
  const add = (id: string, expect: Expect, description: string, on: ChainTwin, entry: { bytes: Uint8Array }) => follower(topic)(`card-${id}`, expect, description, on, entry);
  add("next", "ok", "a CARD is signed by the card before it", chain, card(next.card.bytes));
  add("signed-by-new", "bad-signer", "a CARD that the new key signs", chain, card(next.card.bytes, { signer: next.identity, signerCard: next.cardHash }));
  add("stranger", "bad-card", "a CARD that continues a stranger's", chain, card(withNextCard(person("eve"), "eve 2").card.bytes));
  add("first", "bad-card", "a first card in the middle of a chain", chain, card(person("eve").card.bytes));
  add("broken", "bad-sig", "a continuation that the old key did not sign", chain, card(withByte(next.card.bytes, -1)));
  const eve = person("eve");
  add("forged", "bad-sig", "a valid continuation in an entry that the author did not sign", chain, card(next.card.bytes, { signer: eve.identity }));

  const changed = beginChain();
  changed.changeCard("alice 2");
  const due = encodeEpochPayload(changed.nextEpoch(EpochReason.CARD_CHANGED).payload);
  const any = encodeEpochPayload(changed.nextEpoch(EpochReason.ANY).payload);
  add("then-epoch", "ok", "an EPOCH for that reason follows a CARD", changed, changed.sign(EntryType.EPOCH, due, { epoch: 1 }));
  add("then-thought", "bad-epoch", "a thought between a CARD and its EPOCH", changed, changed.signThought("x"));
  add("then-card", "bad-epoch", "a second CARD before an EPOCH", changed, changed.sign(EntryType.CARD, withNextCard(changed.person, "alice 3").card.bytes));
  add("then-any", "bad-epoch", "an EPOCH for another reason", changed, changed.sign(EntryType.EPOCH, any, { epoch: 1 }));
  const byOld = { epoch: 1, signer: alice.identity, signerCard: alice.cardHash };
  add("then-old-signer", "bad-signer", "an EPOCH that the old card signs", changed, changed.sign(EntryType.EPOCH, due, byOld));
  add("then-old-key", "bad-sig", "an EPOCH that names the new card and is signed by the old key", changed, changed.sign(EntryType.EPOCH, due, { epoch: 1, signer: alice.identity }));
}
