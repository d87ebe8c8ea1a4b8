import { verifyForkProof, verifyReceiptConflict } from "../crypto/index.ts";
import { RECEIPT_CONFLICT_BYTES, SIGNED_HEADER_BYTES, type UserId } from "../protocol/index.ts";
import type { ClientContext } from "./context.ts";
import { ClientError } from "./errors.ts";
import type { FriendChain } from "./friend-chain.ts";
import { ForkFound, verifySigner } from "./fork-found.ts";
import type { Proof } from "./proof-book.ts";

/** Proofs of misbehaviour: those that this client came by, and those that others hand over (PROTOCOL.md §3 "Forks"). */
export class Proofs {
  readonly #context: ClientContext;

  constructor(context: ClientContext) {
    this.#context = context;
  }

  /** What this client has come by since it was opened. Keep the bytes: they are gone when it closes. */
  list(): Proof[] {
    return this.#context.proofs.list();
  }

  /** Verifies a proof that somebody handed over and says whom it convicts. Throws ProtocolError; of receipts, only this relay's count. */
  check(bytes: Uint8Array): Pick<Proof, "kind" | "author" | "seq"> & { username: string | undefined } {
    const isConflict = bytes.length === RECEIPT_CONFLICT_BYTES;
    const { author, seq } = isConflict ? verifyReceiptConflict(this.#relayKey, bytes).first : verifyForkProof(bytes);
    return { kind: isConflict ? "receipts" : "fork", author, seq, username: this.#nameOf(author) };
  }

  /**
   * The header at a place of a friend's chain with the author's signature, as this client was shown it: 234 bytes for a
   * common friend to compare. Throws ClientError NOT_FRIENDS, ENTRY_UNKNOWN.
   */
  headerOf(username: string, seq: number): Uint8Array {
    const held = this.#chainOf(username).log.at(seq);
    if (held === undefined) throw new ClientError("ENTRY_UNKNOWN", `This client has not read place ${seq} of the chain of ${username}.`);
    return held.entry.bytes.slice(0, SIGNED_HEADER_BYTES);
  }

  /**
   * Compares a header that a common friend was shown with the one at the same place here. If the author signed both, the
   * proof joins the list and is returned; undefined when they are the same. Throws ProtocolError when the author did not
   * sign it, ClientError NOT_FRIENDS, ENTRY_UNKNOWN.
   */
  compare(username: string, header: Uint8Array): Proof | undefined {
    const { user, log } = this.#chainOf(username);
    const other = verifySigner(log.outline, header);
    const { seq } = other.entry;
    const held = log.at(seq);
    if (held === undefined) throw new ClientError("ENTRY_UNKNOWN", `This client has not read place ${seq} of the chain of ${username}.`);
    const cards = log.outline.cards.map(({ card }) => card);
    this.#context.proofs.addFork(user, cards, new ForkFound(held, other));
    return this.list().find((proof) => proof.kind === "fork" && proof.seq === seq && this.#nameOf(proof.author) === username);
  }

  get #relayKey(): Uint8Array {
    return this.#context.vault.content.settings.relayReceiptKey;
  }

  #chainOf(username: string): FriendChain {
    const chain = this.#context.chains.list().find(({ user }) => user.username === username);
    if (chain === undefined) throw new ClientError("NOT_FRIENDS", `You and ${username} are not friends.`);
    return chain;
  }

  #nameOf(author: UserId): string | undefined {
    return this.#context.chains.find(author)?.user.username;
  }
}
