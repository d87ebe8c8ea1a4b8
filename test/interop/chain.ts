import { type Bytes, demand, equal } from "./bytes.ts";
import { type Card, verifyCard } from "./card.ts";
import { BEACON, CARD, type Entry, EPOCH, HEAL, parseEntry, REVOKE } from "./entry.ts";
import { parseEpoch } from "./epoch.ts";
import { hash, verifySignature } from "./primitives.ts";

/** Where a reader stands in an author's chain: what the next entry has to fit. */
export interface Head {
  author: Bytes;
  /** −1 before the first entry. */
  seq: number;
  hash: Bytes;
  /** −1 before EPOCH 0. */
  epoch: number;
  /** com of that epoch. */
  commitment?: Bytes;
  card?: Card;
  /** The newest entry is a CARD, the first one included. */
  isAfterCard: boolean;
}

export const emptyHead = (author: Bytes): Head => ({ author, seq: -1, hash: new Uint8Array(32), epoch: -1, isAfterCard: false });

export const followAll = (head: Head, entries: Bytes[]): Head => entries.reduce((at, bytes) => follow(at, parseEntry(bytes)), head);
export const readChain = (author: Bytes, entries: Bytes[]): Head => followAll(emptyHead(author), entries);

/** Steps 2 to 8 of the Reader (PROTOCOL.md §3). `canSkip`: what lies between two entries of an outline may be left out. */
export function follow(head: Head, entry: Entry, canSkip = false): Head {
  demand(entry.type !== REVOKE, "bad-type");
  const card = head.card ?? readFirstCard(head.author, entry);
  demandSigned(head.author, card, entry);
  demandPlace(head, entry, canSkip);
  demandEpoch(head, entry);
  if (!entry.payload) return { ...head, seq: entry.seq, hash: entry.hash };
  demand(equal(hash("payload", entry.payload), entry.payloadHash), "bad-payload-hash");
  return { ...head, seq: entry.seq, hash: entry.hash, ...readPayload(head, card, entry, entry.payload) };
}

function readFirstCard(author: Bytes, entry: Entry): Card {
  demand(entry.type === CARD && entry.payload !== undefined, "bad-type");
  const card = verifyCard(entry.payload);
  demand(equal(card.bodyHash, author), "bad-author");
  return card;
}

/** Step 4. */
export function demandSigned(author: Bytes, card: Card, entry: Entry): void {
  demand(equal(entry.author, author), "bad-author");
  demand(equal(entry.signer, card.hash), "bad-signer");
  verifySignature(card.signKey, "entry", entry.header, entry.signature);
}

function demandPlace(head: Head, entry: Entry, canSkip: boolean): void {
  const isNext = entry.seq === head.seq + 1;
  demand(entry.seq !== head.seq || equal(entry.hash, head.hash), "fork");
  demand(isNext || (canSkip && entry.seq > head.seq), "bad-seq");
  demand(!isNext || equal(entry.prev, head.hash), "bad-prev");
}

function demandEpoch(head: Head, entry: Entry): void {
  demand(!head.isAfterCard || entry.type === EPOCH, "bad-epoch");
  const present = head.card ? head.epoch : 0;
  demand(entry.epoch === (entry.type === EPOCH ? head.epoch + 1 : present), "bad-epoch");
}

/** Step 8, and what it changes. */
function readPayload(head: Head, card: Card, entry: Entry, payload: Bytes): Partial<Head> {
  if (entry.type === CARD) return { card: head.card ? verifyCard(payload, head.card) : card, isAfterCard: true };
  if (entry.type === EPOCH) {
    const { n, reason, commitment } = parseEpoch(payload);
    const isForCard = head.isAfterCard && head.seq > 0;
    demand(n === entry.epoch && (reason === 2) === isForCard, "bad-epoch");
    return { card, epoch: n, commitment, isAfterCard: false };
  }
  if (entry.type === BEACON || entry.type === HEAL) demandCount(entry.type, payload);
  return {};
}

function demandCount(type: number, payload: Bytes): void {
  const count = payload[0] ?? 0;
  demand(type === BEACON || count > 0, "bad-value");
  demand(payload.length === 1 + count * (type === BEACON ? 101 : 32), "bad-length");
}
