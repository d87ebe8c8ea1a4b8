import {
  demand,
  EntryType,
  equalBytes,
  isWithdrawn,
  parseEntry,
  parseEpochPayload,
  parseWithdrawnEntry,
  type Card,
  type EntryHash,
  type EntryHeader,
  type EpochPayload,
  type UserId,
} from "../../protocol/index.ts";
import {
  demandSigned,
  demandSignedPayload,
  emptyChain,
  verifyNextOutlineEntry,
  type ChainState,
  type VerifiedEntry,
} from "./chain-reader.ts";
import { entryHashOf } from "./ids.ts";

/** Who signs from the entry after seq on; the first card signs itself too. */
export interface OutlineCard {
  seq: number;
  entryHash: EntryHash;
  card: Card;
}

/** Which epoch holds from seq on. */
export interface OutlineEpoch {
  seq: number;
  entryHash: EntryHash;
  payload: EpochPayload;
}

/** The verified CARD and EPOCH entries of a chain: what it takes to verify any single entry of it (PROTOCOL.md §3 "Reading order"). */
export interface ChainOutline {
  author: UserId;
  cards: OutlineCard[];
  /** epochs[n] is EPOCH n. */
  epochs: OutlineEpoch[];
  /** After the last CARD or EPOCH. */
  state: ChainState;
}

/** Verifies all CARD and EPOCH entries of an author, oldest first. @throws ProtocolError as verifyNextEntry */
export function verifyOutline(author: UserId, entries: Uint8Array[]): ChainOutline {
  const empty: ChainOutline = { author, cards: [], epochs: [], state: emptyChain(author) };
  return entries.reduce(extendOutline, empty);
}

/** The outline with its author's next CARD or EPOCH. @throws ProtocolError as verifyNextEntry */
export function extendOutline(outline: ChainOutline, bytes: Uint8Array): ChainOutline {
  const { entry, entryHash, state } = verifyNextOutlineEntry(outline.state, bytes);
  const at = { seq: entry.seq, entryHash };
  if (entry.type === EntryType.EPOCH) {
    return { ...outline, state, epochs: [...outline.epochs, { ...at, payload: parseEpochPayload(entry.payload) }] };
  }
  const { card } = state;
  return card ? { ...outline, state, cards: [...outline.cards, { ...at, card }] } : outline;
}

/**
 * Verifies one entry, withdrawn or not, by the outline alone: signed by the card and carrying the epoch in force at its
 * position. Whether it is linked to the head is not known yet.
 * @throws ProtocolError as parseEntry; bad-author, bad-signer, bad-sig, fork, bad-epoch, bad-payload-hash
 */
export function verifySigned(outline: ChainOutline, bytes: Uint8Array): VerifiedEntry {
  const entry = isWithdrawn(bytes) ? parseWithdrawnEntry(bytes) : parseEntry(bytes);
  const signer = lastBefore(outline.cards, entry.seq) ?? outline.cards[0];
  demand(signer !== undefined, "bad-signer");
  demandSigned(outline.author, signer.card, entry);
  const entryHash = entryHashOf(entry.header);
  demandPlace(outline, entry, entryHash);
  demandSignedPayload(entry);
  return { entry, entryHash };
}

/**
 * Verifies the entry before a linked one: it is signed and the newer one names it (PROTOCOL.md §3 "Reading order").
 * @throws ProtocolError as verifySigned; bad-seq, bad-prev
 */
export function verifyLinkedBackwards(outline: ChainOutline, newer: EntryHeader, olderBytes: Uint8Array): VerifiedEntry {
  const older = verifySigned(outline, olderBytes);
  demand(older.entry.seq === newer.seq - 1, "bad-seq");
  demand(equalBytes(older.entryHash, newer.prev), "bad-prev");
  return older;
}

/** The state after a given entry, from which verifyNextEntry goes on. @throws ProtocolError as verifySigned */
export function joinChain(outline: ChainOutline, headBytes: Uint8Array): VerifiedEntry & { state: ChainState } {
  const { entry, entryHash } = verifySigned(outline, headBytes);
  const after = entry.seq + 1;
  const card = lastBefore(outline.cards, after);
  const epoch = lastBefore(outline.epochs, after);
  const state: ChainState = {
    author: outline.author,
    seq: entry.seq,
    headHash: entryHash,
    epoch: epoch?.payload.n ?? 0,
    pendingReason2: entry.type === EntryType.CARD && entry.seq > 0,
  };
  if (card) state.card = card.card;
  if (epoch) state.commitments = epoch.payload;
  return { entry, entryHash, state };
}

function demandPlace(outline: ChainOutline, entry: EntryHeader, entryHash: EntryHash): void {
  const newest = [lastBefore(outline.cards, entry.seq + 1), lastBefore(outline.epochs, entry.seq + 1)];
  const known = newest.find((one) => one?.seq === entry.seq);
  if (known) return demand(equalBytes(known.entryHash, entryHash), "fork");
  demand(entry.seq < outline.state.seq || !outline.state.pendingReason2, "bad-epoch", "an EPOCH has to follow a CARD");
  // A CARD or EPOCH that the outline lacks was kept from it.
  demand(entry.type !== EntryType.CARD && entry.type !== EntryType.EPOCH, "bad-epoch");
  demand(entry.type !== EntryType.REVOKE, "bad-type");
  demand(entry.epoch === lastBefore(outline.epochs, entry.seq)?.payload.n, "bad-epoch");
}

function lastBefore<T extends { seq: number }>(ascending: T[], seq: number): T | undefined {
  return ascending.findLast((one) => one.seq < seq);
}
