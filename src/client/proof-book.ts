import { createForkProof, createReceiptConflict } from "../crypto/index.ts";
import { idKey, ProtocolError, type Card, type Receipt, type UserId } from "../protocol/index.ts";
import type { Emitter, Notice } from "./events.ts";
import type { ForkFound } from "./fork-found.ts";

/** What convicts somebody before anybody: it takes no word of who hands it over, nor of a relay. */
export interface Proof {
  /** A fork convicts the keys of its author, a conflict of receipts the relay. */
  kind: "fork" | "receipts";
  /** Whose chain it is about. */
  author: UserId;
  /** The place that was given twice. */
  seq: number;
  text: string;
  /** To be handed to others. */
  bytes: Uint8Array;
}

/** The proofs that this client has come by since it was opened, one for each place. */
export class ProofBook {
  readonly #proofs = new Map<string, Proof>();
  readonly #notices: Emitter<Notice>;

  constructor(notices: Emitter<Notice>) {
    this.#notices = notices;
  }

  list(): Proof[] {
    return [...this.#proofs.values()];
  }

  /** Writes down that an author signed two entries for one place; cards are the author's, oldest first. */
  addFork({ userId: author, username }: { userId: UserId; username: string }, cards: Card[], { held, other }: ForkFound): void {
    const { seq } = held.entry;
    const text = `${username} signed two different entries for place ${seq} of one chain, or somebody did who has ${username}'s keys. The proof convinces everybody.`;
    this.#add("fork", author, seq, text, () => createForkProof(cards, held.entry, other.entry));
  }

  /** Writes down that the relay gave receipts for two entries at one place. */
  addConflict(relayKey: Uint8Array, first: Receipt, second: Receipt): void {
    const { author, seq } = first;
    const text = `The relay gave its receipt for two different entries at place ${seq} of one chain. It showed different people different things, or lost what it had confirmed. The proof convinces everybody who knows its receipt key.`;
    this.#add("receipts", author, seq, text, () => createReceiptConflict(relayKey, first, second));
  }

  #add(kind: Proof["kind"], author: UserId, seq: number, text: string, create: () => Uint8Array): void {
    const place = `${kind} ${idKey(author)} ${seq}`;
    if (this.#proofs.has(place)) return;
    const bytes = createOrNothing(create);
    if (bytes === undefined) return;
    const proof = { kind, author, seq, text, bytes };
    this.#proofs.set(place, proof);
    this.#notices.emit({ kind: "proof", proof });
  }
}

// What does not verify by itself is no proof, whatever it looked like in its chain.
function createOrNothing(create: () => Uint8Array): Uint8Array | undefined {
  try {
    return create();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return undefined;
  }
}

