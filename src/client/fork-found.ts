import { cardHashOf, demandSigned, entryHashOf, type ChainOutline } from "../crypto/index.ts";
import { demand, equalBytes, parseEntryHeader, ProtocolError, SIGNED_HEADER_BYTES, type EntryHash, type EntryHeader } from "../protocol/index.ts";

/** An entry that its author signed, wherever it stands. */
export interface SignedEntry {
  entry: EntryHeader;
  hash: EntryHash;
}

/** An author signed two different entries for one place: the one that this client holds, and another. */
export class ForkFound extends ProtocolError {
  readonly held: SignedEntry;
  readonly other: SignedEntry;

  constructor(held: SignedEntry, other: SignedEntry) {
    super("fork", `two signed entries at place ${held.entry.seq}`);
    this.held = held;
    this.other = other;
  }
}

/** The header of an entry that one of the author's cards signed, whether or not it fits into the chain. Throws ProtocolError. */
export function verifySigner(outline: ChainOutline, bytes: Uint8Array): SignedEntry {
  const entry = parseEntryHeader(bytes.subarray(0, SIGNED_HEADER_BYTES));
  const signer = outline.cards.find(({ card }) => equalBytes(cardHashOf(card), entry.signerCard));
  demand(signer !== undefined, "bad-signer");
  demandSigned(outline.author, signer.card, entry);
  return { entry, hash: entryHashOf(entry.header) };
}
