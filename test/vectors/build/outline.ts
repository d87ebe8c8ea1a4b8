import { concatBytes, encodeEpochPayload, encodeHealPayload, EntryType, EpochReason, HASH_BYTES } from "../../../src/protocol/index.ts";
import { toHex } from "../hex.ts";
import type { Vector } from "../vector.ts";
import { withdrawn } from "./chain.ts";
import { ChainTwin } from "./chain-twin.ts";
import { bytesFor, filled, person, withByte } from "./material.ts";
import { Topic } from "./topic.ts";

type Expect = Vector["expect"];
type Bytes = { bytes: Uint8Array };

const HEAL = encodeHealPayload([bytesFor("abandoned")]);
const isLandmark = (bytes: Uint8Array): boolean => bytes[1] === EntryType.CARD || bytes[1] === EntryType.EPOCH;

/** 0 CARD · 1 EPOCH 0 · 2 THOUGHT · 3 EPOCH 1 · 4 THOUGHT · 5 CARD · 6 EPOCH 2 · 7 THOUGHT */
function writeChain(): ChainTwin {
  const chain = ChainTwin.begin(person("alice"));
  chain.think("under epoch 0");
  chain.rotate();
  chain.think("under epoch 1");
  chain.changeCard("alice 2");
  chain.rotate(EpochReason.CARD_CHANGED);
  chain.think("under the new card");
  return chain;
}

/** Reading by CARD and EPOCH entries first (PROTOCOL.md §3 "Reading order"). */
export function buildOutline(): Topic {
  const topic = new Topic("outline", "§3");
  addOutlines(topic);
  addSingles(topic);
  addBackwards(topic);
  addJoins(topic);
  return topic;
}

function addOutlines(topic: Topic): void {
  const chain = writeChain();
  const { bytes } = chain;
  const author = toHex(chain.person.userId);
  const add = (id: string, expect: Expect, description: string, entries: Uint8Array[]) =>
    topic.add("read-outline", id, expect, description, { author, entries: entries.map(toHex) });
  const at = (...seqs: number[]) => seqs.map((seq) => bytes[seq]!);
  add("whole", "ok", "CARD and EPOCH entries alone", bytes.filter(isLandmark));
  add("thought", "bad-type", "a thought among them", at(0, 1, 2));
  add("without-epoch", "bad-epoch", "an EPOCH is left out", at(0, 1, 5));
  add("without-first-epoch", "bad-seq", "EPOCH 0 is left out", at(0, 3));
  add("without-card", "bad-signer", "a CARD is left out", at(0, 1, 3, 6));
  add("without-genesis", "bad-type", "the genesis is left out", at(1));
  add("again", "bad-seq", "the newest EPOCH again", at(0, 1, 3, 3));
  add("past", "bad-seq", "an EPOCH from before", at(0, 1, 3, 1));
  const cut = ChainTwin.begin(person("alice"));
  cut.changeCard("alice 2");
  const due = encodeEpochPayload(cut.nextEpoch(EpochReason.CARD_CHANGED).payload);
  const sign = (overrides: object) => cut.sign(EntryType.EPOCH, due, { epoch: 1, ...overrides }).bytes;
  add("between", "bad-seq", "something stands between a CARD and its EPOCH", [...cut.bytes, sign({ seq: 4 })]);
  add("not-linked", "bad-prev", "a neighbour that names another entry before it", [...cut.bytes, sign({ prev: filled(HASH_BYTES, 1) })]);
  add("fork", "fork", "another EPOCH at the newest position", [...cut.bytes, sign({}), sign({ timeMs: 7, signer: cut.person.identity })]);
  const middle = new ChainTwin(person("alice")).sign(EntryType.CARD, person("alice").card.bytes, { seq: 4 });
  add("begins-late", "bad-seq", "a chain that begins at 4", [middle.bytes]);
}

function addSingles(topic: Topic): void {
  const chain = writeChain();
  const { bytes } = chain;
  const author = toHex(chain.person.userId);
  const all = bytes.filter(isLandmark);
  const add = (id: string, expect: Expect, description: string, entry: Bytes | Uint8Array, outline = all) =>
    topic.add("verify-signed", `single-${id}`, expect, description, {
      author,
      outline: outline.map(toHex),
      entry: toHex("bytes" in entry ? entry.bytes : entry),
    });
  const heal = (overrides: object) => chain.sign(EntryType.HEAL, HEAL, overrides);
  add("thought-0", "ok", "a thought under the first card and EPOCH 0", bytes[2]!);
  add("thought-1", "ok", "a thought under EPOCH 1", bytes[4]!);
  add("thought-2", "ok", "a thought under the new card", bytes[7]!);
  add("withdrawn", "ok", "a withdrawn thought", withdrawn({ bytes: bytes[4]! }));
  add("genesis", "ok", "the genesis itself", bytes[0]!);
  add("author", "bad-author", "an entry of another author", heal({ author: person("eve").userId }));
  add("signer", "bad-signer", "signed by the card of another time", heal({ seq: 4, epoch: 1 }));
  add("no-outline", "bad-signer", "nothing is known of the author", bytes[4]!, []);
  add("signature", "bad-sig", "a bit of the signature changed", withByte(bytes[4]!, 200));
  add("payload", "bad-payload-hash", "a byte of the payload changed", withByte(bytes[4]!, 400));
  add("epoch", "bad-epoch", "the epoch of another place", heal({ epoch: 1 }));
  add("fork-epoch", "fork", "another entry at the place of an EPOCH", heal({ seq: 6, epoch: 2 }));
  add("fork-card", "fork", "another entry at the place of the genesis", chain.sign(EntryType.HEAL, HEAL, { seq: 0, epoch: 0, signer: person("alice").identity, signerCard: person("alice").cardHash }));
  add("revoke", "bad-type", "a revocation, which has no meaning yet", chain.sign(EntryType.REVOKE, filled(3, 1)));
  add("withdrawn-epoch", "bad-type", "an EPOCH without its payload", withdrawn({ bytes: bytes[3]! }));
  add("unknown-epoch", "bad-epoch", "an EPOCH that was kept from the outline", bytes[3]!, bytes.slice(0, 2));
  add("after-unknown-epoch", "bad-epoch", "a thought after an EPOCH that was kept from the outline", bytes[4]!, bytes.slice(0, 2));
  const cut = [0, 1, 3, 5].map((seq) => bytes[seq]!);
  add("after-card", "bad-epoch", "an entry after a CARD whose EPOCH was kept from the outline", heal({ epoch: 1 }), cut);
}

function addBackwards(topic: Topic): void {
  const chain = writeChain();
  const { bytes } = chain;
  const author = toHex(chain.person.userId);
  const outline = bytes.filter(isLandmark).map(toHex);
  const add = (id: string, expect: Expect, description: string, newer: Bytes | Uint8Array, older: Uint8Array) =>
    topic.add("verify-linked-backwards", `backwards-${id}`, expect, description, {
      author,
      outline,
      newer: toHex("bytes" in newer ? newer.bytes : newer),
      older: toHex(older),
    });
  add("linked", "ok", "an entry that the newer one names", bytes[5]!, bytes[4]!);
  add("withdrawn", "ok", "a withdrawn thought that the newer one names", bytes[5]!, withdrawn({ bytes: bytes[4]! }));
  add("gap", "bad-seq", "an entry is left out", bytes[4]!, bytes[2]!);
  add("itself", "bad-seq", "the newer entry itself", bytes[4]!, bytes[4]!);
  add("other", "bad-prev", "an entry that the newer one does not name", chain.sign(EntryType.HEAL, HEAL), chain.signThought("not 7", { seq: 7, prev: chain.entries[6]!.entryHash }).bytes);
  add("unsigned", "bad-sig", "a named entry with a broken signature", bytes[5]!, withByte(bytes[4]!, 200));
}

function addJoins(topic: Topic): void {
  const chain = writeChain();
  const { bytes } = chain;
  const author = toHex(chain.person.userId);
  const outline = bytes.filter(isLandmark).map(toHex);
  const add = (id: string, expect: Expect, description: string, head: Uint8Array, ...next: Uint8Array[]) =>
    topic.add("join-chain", `join-${id}`, expect, description, { author, outline, head: toHex(head), next: next.map(toHex) });
  add("thought", "ok", "reading goes on after a thought", bytes[4]!, bytes[5]!, bytes[6]!);
  add("withdrawn", "ok", "reading goes on after a withdrawn thought", withdrawn({ bytes: bytes[4]! }), bytes[5]!);
  add("card", "ok", "reading goes on after a CARD", bytes[5]!, bytes[6]!);
  add("genesis", "ok", "reading goes on after the genesis", bytes[0]!, bytes[1]!);
  add("head", "ok", "the newest entry, and nothing after it yet", bytes[7]!);
  add("gap", "bad-seq", "an entry is left out after the head", bytes[2]!, bytes[4]!);
  add("not-linked", "bad-prev", "the next entry names another one", bytes[7]!, chain.sign(EntryType.HEAL, HEAL, { prev: bytesFor("another") }).bytes);
  add("fork", "fork", "another entry at the head", bytes[7]!, chain.sign(EntryType.HEAL, HEAL, { seq: 7 }).bytes);
  const after = new ChainTwin(chain.person);
  after.entries.push(...chain.entries.slice(0, 6));
  after.keys.push(...chain.keys.slice(0, 2));
  add("card-then-heal", "bad-epoch", "after a CARD comes an EPOCH", bytes[5]!, after.sign(EntryType.HEAL, HEAL).bytes);
  add("bad-head", "bad-payload-hash", "a head whose payload is another", concatBytes(bytes[4]!.subarray(0, 234), bytes[2]!.subarray(234)));
}
