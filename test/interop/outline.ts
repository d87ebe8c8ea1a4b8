import { type Bytes, demand, equal } from "./bytes.ts";
import { type Card, parseCard } from "./card.ts";
import { demandSigned, emptyHead, follow, type Head } from "./chain.ts";
import { CARD, type Entry, EPOCH, parseEntry, REVOKE } from "./entry.ts";
import { parseEpoch } from "./epoch.ts";
import { hash } from "./primitives.ts";

/** All CARD and EPOCH entries of a chain, verified: which card signs and which epoch holds at any position (PROTOCOL.md §3, Reading order). */
export interface Outline {
  author: Bytes;
  entries: Entry[];
}

export function readOutline(author: Bytes, all: Bytes[]): Outline {
  let head = emptyHead(author);
  const entries = all.map((bytes) => {
    const entry = parseEntry(bytes);
    demand(entry.type === CARD || entry.type === EPOCH, "bad-type");
    head = follow(head, entry, head.card !== undefined && !head.isAfterCard);
    return entry;
  });
  return { author, entries };
}

/** The newest entry of that type before a position. */
const lastBefore = ({ entries }: Outline, type: number, seq: number): Entry | undefined => entries.findLast((entry) => entry.type === type && entry.seq < seq);

function cardBefore(outline: Outline, seq: number): Card | undefined {
  const payload = lastBefore(outline, CARD, seq)?.payload;
  return payload && parseCard(payload);
}

/** One entry, verified at its place by the outline alone: signed, not yet linked. */
export function verifySigned(outline: Outline, bytes: Bytes): Entry {
  const entry = parseEntry(bytes);
  // The first card signs itself; every later one is signed by the card before it.
  const card = cardBefore(outline, Math.max(entry.seq, 1));
  demand(card !== undefined, "bad-signer");
  demandSigned(outline.author, card, entry);
  const known = outline.entries.find(({ seq }) => seq === entry.seq);
  if (known) demand(equal(known.hash, entry.hash), "fork");
  else demandBetween(outline, entry);
  if (entry.payload) demand(equal(hash("payload", entry.payload), entry.payloadHash), "bad-payload-hash");
  return entry;
}

/** A place that the outline leaves to other types: behind a CARD is none before its EPOCH. */
function demandBetween({ entries }: Outline, entry: Entry): void {
  const before = entries.findLast(({ seq }) => seq < entry.seq);
  demand(before?.type === EPOCH && entry.type !== CARD && entry.type !== EPOCH, "bad-epoch");
  demand(entry.type !== REVOKE, "bad-type");
  demand(entry.epoch === before.epoch, "bad-epoch");
}

/** An older entry that a verified one names. */
export function verifyLinkedBackwards(outline: Outline, newer: Entry, olderBytes: Bytes): Entry {
  const older = verifySigned(outline, olderBytes);
  demand(older.seq === newer.seq - 1, "bad-seq");
  demand(equal(older.hash, newer.prev), "bad-prev");
  return older;
}

/** Reading begins at this entry and goes on forwards. */
export function joinChain(outline: Outline, bytes: Bytes): Head {
  const { seq, hash: headHash, type } = verifySigned(outline, bytes);
  const card = cardBefore(outline, seq + 1);
  const epochPayload = lastBefore(outline, EPOCH, seq + 1)?.payload;
  const epoch = epochPayload ? parseEpoch(epochPayload) : undefined;
  return {
    ...{ author: outline.author, seq, hash: headHash, epoch: epoch?.n ?? -1, isAfterCard: type === CARD },
    ...(epoch && { commitment: epoch.commitment }),
    ...(card && { card }),
  };
}
