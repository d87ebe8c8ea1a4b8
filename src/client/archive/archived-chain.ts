import {
  cardHashOf,
  extendOutline,
  isEpochKey,
  isThoughtKey,
  joinChain,
  verifyNextEntry,
  verifyNextWithdrawn,
  verifyOutline,
  verifyReceipt,
  type ChainOutline,
  type ChainState,
  type VerifiedEntry,
} from "../../crypto/index.ts";
import {
  demand,
  EntryType,
  equalBytes,
  GrantKind,
  idKey,
  isWithdrawn,
  parseTombstonePayload,
  type ArchivedEntry,
  type ArchivedKey,
  type Card,
  type ChainPiece,
  type EntryHash,
} from "../../protocol/index.ts";
import { AuthorKeys } from "../author-keys.ts";
import type { LogEntry } from "../author-log.ts";

/**
 * One chain of an archive, verified entry by entry as a reader of live data does: it holds the cards, epochs and keys,
 * and of the entries no more than the hashes of withdrawn thoughts.
 */
export class ArchivedChain {
  readonly about: ChainPiece;
  readonly keys: AuthorKeys;
  /** What stands in it, from `about.start` on. */
  readonly count = { entries: 0, withdrawn: 0 };
  readonly #receiptKey: Uint8Array;
  readonly #landmarks = new Map<number, EntryHash>();
  readonly #unexplained = new Set<string>();
  #outline: ChainOutline;
  #state: ChainState | undefined;

  constructor(about: ChainPiece, receiptKey: Uint8Array) {
    this.about = about;
    this.#receiptKey = receiptKey;
    this.#outline = verifyOutline(about.userId, []);
    this.keys = new AuthorKeys(about.userId, () => this.#outline);
  }

  get cards(): Card[] {
    return this.#outline.cards.map(({ card }) => card);
  }

  /** Takes in further CARD and EPOCH entries. Throws ProtocolError. */
  addLandmarks(entries: Uint8Array[]): void {
    demand(this.#state === undefined, "bad-archive", "landmarks behind entries");
    for (const bytes of entries) {
      this.#outline = extendOutline(this.#outline, bytes);
      this.#landmarks.set(this.#outline.state.seq, this.#outline.state.headHash);
    }
  }

  /** Takes in a key that its epoch commits to. Throws ProtocolError bad-epoch, bad-commit. */
  addKey({ n, of, key }: ArchivedKey): void {
    const epoch = this.#outline.epochs[n]?.payload;
    demand(epoch !== undefined, "bad-epoch");
    const isHistory = of === GrantKind.HISTORY;
    demand((isHistory ? isEpochKey : isThoughtKey)(key, this.about.userId, epoch), "bad-commit");
    if (isHistory) this.keys.addEpochKey(n, key);
    else this.keys.addThoughtKey(n, key);
  }

  /** Verifies the entry that follows, and its receipt. Throws ProtocolError as verifyNextEntry and verifyReceipt. */
  addEntry({ bytes, receipt }: ArchivedEntry): LogEntry {
    const { entry, entryHash } = this.#verify(bytes);
    demand(entry.seq <= this.about.headSeq, "bad-seq");
    this.#demandLandmark(entry, entryHash);
    const { relayMs } = verifyReceipt(this.#receiptKey, receipt, { author: entry.author, seq: entry.seq, entryHash });
    this.count.entries += 1;
    if (entry.payload === undefined) {
      this.count.withdrawn += 1;
      this.#unexplained.add(idKey(entryHash));
    } else if (entry.type === EntryType.TOMBSTONE) {
      this.#unexplained.delete(idKey(parseTombstonePayload(entry.payload)));
    }
    return { entry, hash: entryHash, receivedAtMs: relayMs };
  }

  /** Throws ProtocolError unless the chain has come to its head, with every missing text withdrawn by its author. */
  demandWhole(): void {
    const { headSeq, headHash, cardHash } = this.about;
    demand(this.#state?.seq === headSeq, "bad-seq", "the chain ends before its head");
    demand(equalBytes(this.#state.headHash, headHash), "fork");
    demand(this.#outline.state.seq <= headSeq, "bad-seq", "a landmark behind the head");
    demand(this.cards.some((card) => equalBytes(cardHashOf(card), cardHash)), "bad-card", "the pinned card is not of this chain");
    demand(this.#unexplained.size === 0, "bad-target", "a thought is missing without a tombstone");
  }

  #verify(bytes: Uint8Array): VerifiedEntry {
    const before = this.#state;
    if (before === undefined) {
      const joined = joinChain(this.#outline, bytes);
      demand(joined.entry.seq === this.about.start, "bad-seq");
      this.#state = joined.state;
      return joined;
    }
    const step = isWithdrawn(bytes) ? verifyNextWithdrawn(before, bytes) : verifyNextEntry(before, bytes);
    this.#state = step.state;
    return step;
  }

  // What was read ahead has to be what stands there.
  #demandLandmark({ seq, type }: VerifiedEntry["entry"], hash: EntryHash): void {
    const known = this.#landmarks.get(seq);
    const isLandmark = type === EntryType.CARD || type === EntryType.EPOCH;
    demand(isLandmark === (known !== undefined), "fork");
    demand(known === undefined || equalBytes(known, hash), "fork");
  }
}
