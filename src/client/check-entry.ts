import { demandSigned, demandSignedPayload, isThoughtKey, openThought, verifyReceipt, type ChainOutline } from "../crypto/index.ts";
import { EntryType, equalBytes, type Entry, type EntryHash, type EntryHeader, type WithdrawnEntry } from "../protocol/index.ts";

/**
 * What a reader checks of one entry (PROTOCOL.md §3): "signature" by the card in force at its place, "chain" to the entries
 * before and behind it, "epoch" in force there, "payload" as signed, the relay's "receipt" for it; of a thought also the
 * "key" that its epoch committed to, and the "seal", which that key opens at this place only.
 */
export type CheckName = "signature" | "chain" | "epoch" | "payload" | "receipt" | "key" | "seal";

export interface EntryCheck {
  name: CheckName;
  holds: boolean;
}

/** An entry with everything that its checks need. */
export interface CheckedParts {
  outline: ChainOutline;
  entry: Entry | WithdrawnEntry;
  hash: EntryHash;
  /** The hash of the entry before it; undefined for the first one. */
  previous: EntryHash | undefined;
  /** The entry behind it, if there is one. */
  next: EntryHeader | undefined;
  receipt: Uint8Array | undefined;
  relayKey: Uint8Array;
  thoughtKey: Uint8Array | undefined;
}

/** Checks one entry anew, part by part. A check that does not apply is left out: nothing is sealed in a withdrawn thought. */
export function checkEntry(parts: CheckedParts): EntryCheck[] {
  const { entry } = parts;
  const checks: EntryCheck[] = [
    { name: "signature", holds: isSigned(parts) },
    { name: "chain", holds: isLinked(parts) },
    { name: "epoch", holds: isInEpoch(parts) },
  ];
  if (entry.payload !== undefined) checks.push({ name: "payload", holds: passes(() => demandSignedPayload(entry)) });
  checks.push({ name: "receipt", holds: isReceipted(parts) });
  if (entry.type !== EntryType.THOUGHT || entry.payload === undefined) return checks;
  return [...checks, { name: "key", holds: isCommitted(parts) }, { name: "seal", holds: isOpened(parts, entry) }];
}

// A CARD is signed by the card before it, the first one by itself.
function isSigned({ outline, entry }: CheckedParts): boolean {
  const signer = outline.cards.findLast(({ seq }) => seq < entry.seq) ?? outline.cards[0];
  return signer !== undefined && passes(() => demandSigned(outline.author, signer.card, entry));
}

function isLinked({ entry, hash, previous, next }: CheckedParts): boolean {
  const isBehind = previous === undefined ? entry.seq === 0 : equalBytes(entry.prev, previous);
  return isBehind && (next === undefined || equalBytes(next.prev, hash));
}

function isInEpoch({ outline, entry }: CheckedParts): boolean {
  const inForce = outline.epochs.findLast(({ seq }) => seq <= entry.seq);
  return entry.epoch === (inForce?.payload.n ?? 0);
}

function isReceipted({ receipt, relayKey, entry, hash }: CheckedParts): boolean {
  return receipt !== undefined && passes(() => verifyReceipt(relayKey, receipt, { author: entry.author, seq: entry.seq, entryHash: hash }));
}

function isCommitted({ outline, entry, thoughtKey }: CheckedParts): boolean {
  const epoch = outline.epochs[entry.epoch]?.payload;
  return thoughtKey !== undefined && epoch !== undefined && isThoughtKey(thoughtKey, outline.author, epoch);
}

function isOpened({ thoughtKey }: CheckedParts, entry: Entry): boolean {
  return thoughtKey !== undefined && passes(() => openThought(thoughtKey, entry));
}

function passes(check: () => unknown): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}
