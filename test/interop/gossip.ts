import { type Bytes, compare, concat, demand, equal, Fields, demandVersion, u16, u64, u8 } from "./bytes.ts";
import { type Card, verifyCard } from "./card.ts";
import { type Entry, parseHeader } from "./entry.ts";
import { deriveKey, open, seal, verifySignature } from "./primitives.ts";
import { type Receipt, verifyReceipt } from "./receipt.ts";

/** Where an observation stands, and the key of the author whom it is about (PROTOCOL.md §3 "Observations"). */
export interface ObservationPlace {
  thoughtKey: Bytes;
  observer: Bytes;
  entryId: Bytes;
}

const placeOf = ({ observer, entryId }: ObservationPlace): Bytes => concat(observer, entryId);
const tagOf = (place: ObservationPlace): Bytes => deriveKey(place.thoughtKey, "obs-tag", placeOf(place)).slice(0, 4);
const sealKeyOf = ({ thoughtKey }: ObservationPlace): Bytes => deriveKey(thoughtKey, "obs");

export function createObservation(place: ObservationPlace, nonce: Bytes, seq: number, hash: Bytes): Bytes {
  return concat(tagOf(place), seal(sealKeyOf(place), "obs", placeOf(place), nonce, concat(u64(seq), hash.slice(0, 16))));
}

export function openObservation(place: ObservationPlace, observation: Bytes): { seq: number; hashStart: Bytes } {
  demand(observation.length === 101, "bad-length");
  demand(equal(observation.slice(0, 4), tagOf(place)), "bad-seal");
  const fields = new Fields(open(sealKeyOf(place), "obs", placeOf(place), observation.slice(4)));
  return { seq: fields.number(8), hashStart: fields.rest() };
}

const HEADER = 234;

/** The proof of a fork, from the cards of its author and two headers with signatures. */
export function createForkProof(cards: Bytes[], a: Bytes, b: Bytes): Bytes {
  const [one, other] = [parseHeader(a), parseHeader(b)];
  const [first, second] = compare(one.hash, other.hash) < 0 ? [a, b] : [b, a];
  const newest = cards.findLastIndex((card) => [one, other].some(({ signer }) => equal(signer, verifyOne(cards, card).hash)));
  demand(newest >= 0, "bad-signer");
  const proof = concat(u8(1), u16(newest + 1), ...cards.slice(0, newest + 1), first, second);
  verifyForkProof(proof);
  return proof;
}

const verifyOne = (cards: Bytes[], card: Bytes): Card => verifyCards(cards.slice(0, cards.indexOf(card) + 1)).at(-1)!;

export function verifyForkProof(proof: Bytes): { author: Bytes; seq: number } {
  demandVersion(proof, 1);
  demand(proof.length >= 3, "bad-length");
  const fields = new Fields(proof);
  fields.bytes(1);
  const count = fields.number(2);
  demand(count >= 1 && count <= 256, "bad-value");
  demand(proof.length === 3 + 1357 + (count - 1) * 1421 + 2 * HEADER, "bad-length");
  const bytes = Array.from({ length: count }, (_, index) => fields.bytes(index === 0 ? 1357 : 1421));
  bytes.forEach((card, index) => demandCardShape(card, index));
  const headers = [parseHeader(fields.bytes(HEADER)), parseHeader(fields.bytes(HEADER))] as const;
  const cards = verifyCards(bytes);
  const author = cards[0]!.bodyHash;
  const signers = headers.map((header) => signerOf(author, cards, header));
  demand(signers.includes(count - 1), "bad-card");
  const [first, second] = headers;
  demand(first.seq === second.seq && compare(first.hash, second.hash) < 0, "no-conflict");
  return { author, seq: first.seq };
}

// The layout is looked at before anything is verified.
function demandCardShape(card: Bytes, index: number): void {
  const cardVersion = new DataView(card.buffer, card.byteOffset).getUint32(1);
  demandVersion(card, 1);
  demand((index === 0) === (cardVersion === 1), "bad-card");
}

function verifyCards(bytes: Bytes[]): Card[] {
  return bytes.reduce<Card[]>((cards, card) => [...cards, verifyCard(card, cards.at(-1))], []);
}

function signerOf(author: Bytes, cards: Card[], header: Entry): number {
  demand(equal(header.author, author), "bad-author");
  const index = cards.findIndex(({ hash }) => equal(hash, header.signer));
  const card = cards[index];
  demand(card !== undefined, "bad-signer");
  verifySignature(card.signKey, "entry", header.header, header.signature);
  return index;
}

export function createReceiptConflict(relayKey: Bytes, a: Bytes, b: Bytes): Bytes {
  const [first, second] = compare(verifyReceipt(relayKey, a).entryHash, verifyReceipt(relayKey, b).entryHash) < 0 ? [a, b] : [b, a];
  const conflict = concat(u8(1), first, second);
  verifyReceiptConflict(relayKey, conflict);
  return conflict;
}

export function verifyReceiptConflict(relayKey: Bytes, conflict: Bytes): Receipt {
  demandVersion(conflict, 1);
  demand(conflict.length === 291, "bad-length");
  const [first, second] = [verifyReceipt(relayKey, conflict.slice(1, 146)), verifyReceipt(relayKey, conflict.slice(146))];
  demand(equal(first.author, second.author) && first.seq === second.seq, "no-conflict");
  demand(compare(first.entryHash, second.entryHash) < 0, "no-conflict");
  return first;
}
