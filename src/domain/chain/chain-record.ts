import type { ChainState, VerifiedEntry } from "../../crypto/public.ts";
import { cardHashOf } from "../../crypto/public.ts";
import { type Card, concatBytes, type Entry, type EntryHash, type UserId } from "../../protocol/index.ts";
import type { ChainRecord, EntryRecord } from "../ports/index.ts";

/** Where a stored chain stands, for the checks of PROTOCOL.md §3. */
export function toChainState(chain: ChainRecord, card: Card): ChainState {
  const { author, seq, headHash, epoch, epochCommitment, thoughtCommitment, cardEpochDue } = chain;
  const commitments = { n: epoch, commitment: epochCommitment, thoughtCommitment };
  return { author, seq, headHash, epoch, card, pendingReason2: cardEpochDue, commitments };
}

/** What the relay keeps of a chain that its entries do not say. */
type Kept = Pick<ChainRecord, "headReceivedAtMs" | "newestThoughtMs" | "rotationDue" | "restoration" | "endedEdges">;

/** A chain to store. @throws RangeError before the first EPOCH, where no chain is stored yet */
export function toChainRecord(state: ChainState, kept: Kept): ChainRecord {
  const { author, seq, headHash, epoch, card, commitments, pendingReason2 } = state;
  if (!card || !commitments) throw new RangeError("a chain begins with a CARD and an EPOCH");
  return {
    ...kept,
    author,
    seq,
    headHash,
    epoch,
    epochCommitment: commitments.commitment,
    thoughtCommitment: commitments.thoughtCommitment,
    signerCardHash: cardHashOf(card),
    cardEpochDue: pendingReason2,
  };
}

/** A verified entry to store, with its receipt. */
export function toEntryRecord({ entry, entryHash }: VerifiedEntry<Entry>, receivedAtMs: number, receipt: Uint8Array): EntryRecord {
  const { author, seq, type, epoch, entryId, payload } = entry;
  return { author, seq, type, epoch, entryId, hash: entryHash, signedHeader: signedHeaderOf(entry), payload, receivedAtMs, receipt };
}

/** Header and signature, 234 bytes: what is left of a withdrawn thought. */
export function signedHeaderOf({ header, signature }: Entry): Uint8Array {
  return concatBytes(header, signature);
}

/** A chain's newest entry. */
export interface ChainHead {
  author: UserId;
  seq: number;
  hash: EntryHash;
  epoch: number;
}

export function headOf({ author, seq, headHash, epoch }: ChainRecord): ChainHead {
  return { author, seq, hash: headHash, epoch };
}
