import {
  demand,
  EntryType,
  EpochReason,
  equalBytes,
  HASH_BYTES,
  isWithdrawn,
  parseBeaconPayload,
  parseEntry,
  parseEpochPayload,
  parseHealPayload,
  parseTombstonePayload,
  parseWithdrawnEntry,
  type Card,
  type Entry,
  type EntryHash,
  type EntryHeader,
  type EpochCommitments,
  type EpochPayload,
  type UserId,
  type WithdrawnEntry,
} from "../../protocol/index.ts";
import { cardHashOf, entryHashOf, payloadHashOf, userIdOf } from "./ids.ts";
import { verifyCard } from "./verify-card.ts";
import { verifySignature } from "./verify-signature.ts";

/** Where a verified chain stands (PROTOCOL.md §3). Before the first entry: seq −1, a zero hash, no card and no commitments. */
export interface ChainState {
  author: UserId;
  /** Of the last verified entry. */
  seq: number;
  headHash: EntryHash;
  /** Of the last EPOCH; 0 before it. */
  epoch: number;
  /** The card that signs the next entry. */
  card?: Card;
  /** The card has just changed: the next entry must be an EPOCH with reason 2. */
  pendingReason2: boolean;
  /** Of the last EPOCH. */
  commitments?: EpochCommitments;
}

export interface VerifiedEntry<E extends EntryHeader = Entry | WithdrawnEntry> {
  entry: E;
  entryHash: EntryHash;
}

export interface VerifiedStep<E extends EntryHeader> extends VerifiedEntry<E> {
  /** The state after the entry. */
  state: ChainState;
}

/** The state before the first entry of an author. */
export function emptyChain(author: UserId): ChainState {
  return { author, seq: -1, headHash: new Uint8Array(HASH_BYTES), epoch: 0, pendingReason2: false };
}

/**
 * Verifies the entry that follows this state, in the order of PROTOCOL.md §3 "Reader". The relay appends by it and readers
 * read by it. What a thought says and what a tombstone withdraws is checked apart from this.
 * @throws ProtocolError as parseEntry; bad-author, bad-signer, bad-sig, bad-seq, bad-prev, fork, bad-epoch, bad-payload-hash, bad-card, unusable-card
 */
export function verifyNextEntry(state: ChainState, bytes: Uint8Array): VerifiedStep<Entry> {
  return verifyStep(state, parseEntry(bytes), demandLinked);
}

/** The same for the header that is left of a withdrawn thought; a later TOMBSTONE has to name it. */
export function verifyNextWithdrawn(state: ChainState, bytes: Uint8Array): VerifiedStep<WithdrawnEntry> {
  return verifyStep(state, parseWithdrawnEntry(bytes), demandLinked);
}

/** The same for a CARD or EPOCH that is read without the entries in between (PROTOCOL.md §3 "Reading order"). */
export function verifyNextOutlineEntry(state: ChainState, bytes: Uint8Array): VerifiedStep<Entry> {
  const entry = isWithdrawn(bytes) ? parseWithdrawnEntry(bytes) : parseEntry(bytes);
  demand(entry.payload !== undefined && (entry.type === EntryType.CARD || entry.type === EntryType.EPOCH), "bad-type");
  return verifyStep(state, entry, demandLater);
}

/** Refuses a tombstone of anything but an earlier thought of its author. @throws ProtocolError bad-type, bad-target */
export function verifyTombstoneTarget(tombstone: Entry, target: EntryHeader): void {
  demand(tombstone.type === EntryType.TOMBSTONE, "bad-type");
  demand(equalBytes(parseTombstonePayload(tombstone.payload), entryHashOf(target.header)), "bad-target");
  // A withdrawn EPOCH would take the history behind it along.
  demand(target.type === EntryType.THOUGHT, "bad-target");
  demand(equalBytes(target.author, tombstone.author) && target.seq < tombstone.seq, "bad-target");
}

/** Refuses an entry that the author's card in force did not sign. @throws ProtocolError bad-author, bad-signer, bad-sig */
export function demandSigned(author: UserId, card: Card, entry: EntryHeader): void {
  demand(equalBytes(entry.author, author), "bad-author");
  demand(equalBytes(entry.signerCard, cardHashOf(card)), "bad-signer");
  demand(verifySignature(card.signPk, "entry", entry.header, entry.signature), "bad-sig");
}

/** Refuses a payload other than the signed one; a withdrawn entry has none. @throws ProtocolError bad-payload-hash */
export function demandSignedPayload(entry: Entry | WithdrawnEntry): void {
  if (!entry.payload) return;
  demand(equalBytes(entry.payloadHash, payloadHashOf(entry.payload)), "bad-payload-hash");
}

type PositionRule = (state: ChainState, entry: EntryHeader, entryHash: EntryHash) => void;

function verifyStep<E extends Entry | WithdrawnEntry>(
  state: ChainState,
  entry: E,
  demandPosition: PositionRule,
): VerifiedStep<E> {
  // Reserved: a revocation that this build would silently pass over.
  demand(entry.type !== EntryType.REVOKE, "bad-type");
  const card = state.card ?? genesisCard(state.author, entry);
  demandSigned(state.author, card, entry);
  const entryHash = entryHashOf(entry.header);
  demandPosition(state, entry, entryHash);
  demandEpochRule(state, entry);
  demandSignedPayload(entry);
  return { state: { card, ...advance(state, entry, entryHash) }, entry, entryHash };
}

// The first entry brings the card that signs it, and that card proves the author.
function genesisCard(author: UserId, entry: Entry | WithdrawnEntry): Card {
  demand(entry.type === EntryType.CARD && entry.payload !== undefined, "bad-type", "a chain begins with a CARD");
  const card = verifyCard(entry.payload);
  demand(equalBytes(userIdOf(card), author), "bad-author");
  return card;
}

const demandLinked: PositionRule = (state, entry, entryHash) => {
  demand(entry.seq !== state.seq || equalBytes(entryHash, state.headHash), "fork");
  demand(entry.seq === state.seq + 1, "bad-seq");
  demand(equalBytes(entry.prev, state.headHash), "bad-prev");
};

const demandLater: PositionRule = (state, entry, entryHash) => {
  if (entry.seq <= state.seq + 1) return demandLinked(state, entry, entryHash);
  // Nothing stands between a CARD and the EPOCH that follows it.
  demand(state.commitments !== undefined && !state.pendingReason2, "bad-seq");
};

function demandEpochRule(state: ChainState, entry: EntryHeader): void {
  const isEpoch = entry.type === EntryType.EPOCH;
  const isDue = state.pendingReason2 || (state.card !== undefined && state.commitments === undefined);
  demand(isEpoch || !isDue, "bad-epoch", "an EPOCH has to follow a CARD");
  const next = state.commitments ? state.epoch + 1 : 0;
  demand(entry.epoch === (isEpoch ? next : state.epoch), "bad-epoch");
}

function advance(state: ChainState, entry: Entry | WithdrawnEntry, entryHash: EntryHash): ChainState {
  const next = { ...state, seq: entry.seq, headHash: entryHash };
  if (!entry.payload) return next;
  switch (entry.type) {
    case EntryType.CARD:
      return { ...next, ...changeCard(state, entry.payload) };
    case EntryType.EPOCH:
      return { ...next, ...beginEpoch(state, entry.epoch, entry.payload) };
    case EntryType.BEACON:
      parseBeaconPayload(entry.payload);
      return next;
    case EntryType.HEAL:
      parseHealPayload(entry.payload);
      return next;
    default:
      return next;
  }
}

function changeCard(state: ChainState, payload: Uint8Array): Partial<ChainState> {
  // The first one was verified before its entry.
  if (!state.card) return { pendingReason2: false };
  return { card: verifyCard(payload, { previous: state.card }), pendingReason2: true };
}

function beginEpoch(state: ChainState, n: number, payload: Uint8Array) {
  const epoch = parseEpochPayload(payload);
  demand(epoch.n === n, "bad-epoch");
  demand((epoch.reason === EpochReason.CARD_CHANGED) === state.pendingReason2, "bad-epoch");
  return { epoch: n, commitments: commitmentsOf(epoch), pendingReason2: false };
}

function commitmentsOf({ n, commitment, thoughtCommitment }: EpochPayload): EpochCommitments {
  return { n, commitment, thoughtCommitment };
}
