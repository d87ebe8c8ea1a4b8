import {
  entryHashOf,
  extendOutline,
  joinChain,
  verifyLinkedBackwards,
  verifyNextEntry,
  verifyNextWithdrawn,
  verifyOutline,
  type ChainOutline,
  type ChainState,
} from "../crypto/index.ts";
import {
  ENTRY_HEADER_BYTES,
  EntryType,
  equalBytes,
  idKey,
  isWithdrawn,
  parseHealPayload,
  parseTombstonePayload,
  ProtocolError,
  type ChainPosition,
  type Entry,
  type EntryHash,
  type EntryHeader,
  type UserId,
  type WithdrawnEntry,
} from "../protocol/index.ts";
import { claimedSeq, fetchChain, fetchChainPage, type FetchedEntry } from "./chain-source.ts";
import { ForkFound, verifySigner } from "./fork-found.ts";
import type { Transport } from "./ports.ts";
import type { ReceiptBook } from "./receipt-book.ts";

/** An entry that is signed by its author and linked to the head that this client knows. */
export interface LogEntry {
  entry: Entry | WithdrawnEntry;
  hash: EntryHash;
  /** The relay's clock, as its receipt says; ms since 1970. */
  receivedAtMs: number;
}

/**
 * One author's chain as far as this client has verified it: a stretch without a hole from `entries[0]` to the newest
 * entry. New entries are verified forward; older history is read backwards on demand (PROTOCOL.md §3 "Reading order").
 */
export class AuthorLog {
  readonly author: UserId;
  /** Oldest first, without a hole. */
  readonly entries: LogEntry[] = [];
  readonly #transport: Transport;
  readonly #receipts: ReceiptBook;
  /** Hashes that a verified TOMBSTONE names. */
  readonly #withdrawn = new Set<string>();
  /** Entries that a verified HEAL names. */
  readonly #healed: EntryHash[] = [];
  /** Thoughts that came without a payload and that no TOMBSTONE has named so far. */
  readonly #unexplained = new Set<string>();
  #outline: ChainOutline;
  #state: ChainState;
  /** Of the newest entry. */
  #receipt: Uint8Array;

  private constructor(transport: Transport, receipts: ReceiptBook, outline: ChainOutline, anchor: FetchedEntry) {
    this.author = outline.author;
    this.#transport = transport;
    this.#receipts = receipts;
    this.#outline = outline;
    const { entry, entryHash, state } = joinChain(outline, anchor.bytes);
    this.#state = state;
    this.#receipt = anchor.receipt;
    this.#noteEffect(entry);
    this.entries.push({ entry, hash: entryHash, receivedAtMs: this.#relayMsOf(anchor, entry, entryHash) });
    if (entry.payload === undefined) this.#unexplained.add(idKey(entryHash));
  }

  /**
   * Opens a chain at the position that the own vault pins, or else at its newest entry.
   * Throws ProtocolError when the chain does not verify or does not hold the pinned position.
   */
  static async open(transport: Transport, receipts: ReceiptBook, author: UserId, pinned?: ChainPosition): Promise<AuthorLog> {
    // The head first: a landmark that is appended in between is then merely known early.
    const range = pinned === undefined ? {} : { before: pinned.seq + 1 };
    const { entries } = await fetchChainPage(transport, author, { ...range, order: "NEWEST_FIRST", first: 1 });
    const anchor = entries[0];
    if (anchor === undefined) throw new ProtocolError("bad-seq", "the relay hands out no head");
    const landmarks: Uint8Array[] = [];
    for await (const { bytes } of fetchChain(transport, author, { types: ["CARD", "EPOCH"] })) landmarks.push(bytes);
    const outline = verifyOutline(author, landmarks);
    const log = new AuthorLog(transport, receipts, outline, anchor);
    if (pinned !== undefined && !equalBytes(log.headHash, pinned.hash)) throw new ProtocolError("fork", "another entry stands at the pinned position");
    return log;
  }

  get state(): ChainState {
    return this.#state;
  }

  get outline(): ChainOutline {
    return this.#outline;
  }

  get headHash(): EntryHash {
    return this.#state.headHash;
  }

  get position(): ChainPosition {
    return { seq: this.#state.seq, hash: this.#state.headHash };
  }

  /** The relay's signed word that it stored the newest entry. */
  get headReceipt(): Uint8Array {
    return this.#receipt;
  }

  /** The oldest place that is linked so far. */
  get start(): number {
    return this.entries[0]?.entry.seq ?? 0;
  }

  /** The linked entry at a place, if it is within the stretch. */
  at(seq: number): LogEntry | undefined {
    return this.entries[seq - this.start];
  }

  /** Whether a verified TOMBSTONE names this thought. */
  isWithdrawn(hash: EntryHash): boolean {
    return this.#withdrawn.has(idKey(hash));
  }

  /** Whether a verified HEAL names the entry whose hash begins like this. */
  isHealed(hashStart: Uint8Array): boolean {
    return this.#healed.some((hash) => equalBytes(hash.subarray(0, hashStart.length), hashStart));
  }

  /** Whether an entry with this hash is linked. */
  holds(hash: EntryHash): boolean {
    return this.entries.some((one) => equalBytes(one.hash, hash));
  }

  /** Once the head is reached: throws ProtocolError bad-target for a thought whose payload is missing without a TOMBSTONE. */
  demandExplained(): void {
    if (this.#unexplained.size > 0) throw new ProtocolError("bad-target", "a thought is missing without a tombstone");
  }

  /**
   * Verifies an entry behind the newest one and takes it in; undefined if it is known already. Throws ProtocolError when
   * it does not verify, with `bad-seq` when entries before it are missing, and ForkFound when the author signed another
   * entry for a place that is taken. What a HEAL has given up is passed over.
   */
  append(fetched: FetchedEntry): LogEntry | undefined {
    const { bytes } = fetched;
    const held = this.at(claimedSeq(bytes));
    if (held !== undefined) return this.#demandExcused(held, fetched);
    const step = isWithdrawn(bytes) ? verifyNextWithdrawn(this.#state, bytes) : verifyNextEntry(this.#state, bytes);
    const { entry, entryHash } = step;
    const receivedAtMs = this.#relayMsOf(fetched, entry, entryHash);
    // Landmarks beyond the pinned position were read ahead of the entries between them.
    const isNewLandmark = isLandmark(entry) && entry.seq > this.#outline.state.seq;
    if (isNewLandmark) this.#outline = extendOutline(this.#outline, bytes);
    else if (isLandmark(entry)) this.#demandSameLandmark(entry.seq, entryHash);
    this.#state = step.state;
    this.#receipt = fetched.receipt;
    const taken = { entry, hash: entryHash, receivedAtMs };
    this.entries.push(taken);
    if (entry.payload === undefined) this.#unexplained.add(idKey(entryHash));
    this.#noteEffect(entry);
    return taken;
  }

  /** Fetches and verifies what follows the newest entry. Returns what is new. */
  async catchUp(): Promise<LogEntry[]> {
    const taken: LogEntry[] = [];
    for await (const fetched of fetchChain(this.#transport, this.author, { after: this.#state.seq })) {
      const entry = this.append(fetched);
      if (entry) taken.push(entry);
    }
    return taken;
  }

  /** Fetches and links one page of older history; false when the first entry is reached. */
  async loadOlder(): Promise<boolean> {
    if (this.start === 0) return false;
    const { entries } = await fetchChainPage(this.#transport, this.author, { before: this.start, order: "NEWEST_FIRST" });
    if (entries.length === 0) throw new ProtocolError("bad-seq", "the relay withholds older entries");
    // A thought may have been withdrawn since the newest entry was fetched: then its tombstone follows.
    if (entries.some(({ bytes }) => isWithdrawn(bytes) && !this.isWithdrawn(entryHashOf(bytes.subarray(0, ENTRY_HEADER_BYTES))))) await this.catchUp();
    for (const fetched of entries) {
      const { bytes } = fetched;
      const newer = this.entries[0];
      // A second call that ran at the same time may have linked this one already.
      if (newer === undefined || newer.entry.seq <= claimedSeq(bytes)) continue;
      const { entry, entryHash } = verifyLinkedBackwards(this.#outline, newer.entry, bytes);
      this.#noteEffect(entry);
      const isExplained = entry.payload !== undefined || this.isWithdrawn(entryHash);
      if (!isExplained) throw new ProtocolError("bad-target", "a thought is missing without a tombstone");
      this.entries.unshift({ entry, hash: entryHash, receivedAtMs: this.#relayMsOf(fetched, entry, entryHash) });
    }
    return this.start > 0;
  }

  /** Links history down to this place. */
  async loadDownTo(seq: number): Promise<void> {
    while (this.start > seq && (await this.loadOlder()));
  }

  /** Links all history down to the first entry. */
  async loadAll(): Promise<void> {
    while (await this.loadOlder());
  }

  /** Takes over what another reading of this chain had linked behind the oldest entry here. */
  takeOlder(other: AuthorLog): void {
    const older = other.entries.filter(({ entry }) => entry.seq < this.start);
    for (const { entry, hash } of older) {
      this.#noteEffect(entry);
      if (entry.payload === undefined && !this.isWithdrawn(hash)) this.#unexplained.add(idKey(hash));
    }
    this.entries.unshift(...older);
  }

  // The time that the relay signed. The own chain is opened before the vault has told the key to check it with.
  #relayMsOf({ receipt }: FetchedEntry, { seq }: EntryHeader, entryHash: EntryHash): number {
    return this.#receipts.check(receipt, { author: this.author, seq, entryHash }).relayMs;
  }

  // Another entry at a place that is taken: given up by its author, or a fork.
  #demandExcused(held: LogEntry, fetched: FetchedEntry): undefined {
    const { bytes } = fetched;
    if (equalBytes(held.entry.header, bytes.subarray(0, held.entry.header.length))) return undefined;
    const other = verifySigner(this.#outline, bytes);
    ignoreRefusal(() => this.#relayMsOf(fetched, other.entry, other.hash));
    if (!this.isHealed(other.hash)) throw new ForkFound(held, other);
  }

  #demandSameLandmark(seq: number, hash: EntryHash): void {
    const landmarks = [...this.#outline.cards, ...this.#outline.epochs];
    const known = landmarks.find((landmark) => landmark.seq === seq);
    if (known === undefined || !equalBytes(known.entryHash, hash)) throw new ProtocolError("fork");
  }

  #noteEffect(entry: Entry | WithdrawnEntry): void {
    if (entry.type === EntryType.HEAL && entry.payload !== undefined) this.#healed.push(...parseHealPayload(entry.payload));
    if (entry.type !== EntryType.TOMBSTONE || entry.payload === undefined) return;
    const target = idKey(parseTombstonePayload(entry.payload));
    this.#withdrawn.add(target);
    this.#unexplained.delete(target);
  }
}

function isLandmark(entry: Entry | WithdrawnEntry): boolean {
  return entry.type === EntryType.CARD || entry.type === EntryType.EPOCH;
}

// A receipt that does not hold proves nothing; one that does may convict the relay.
function ignoreRefusal(step: () => unknown): void {
  try {
    step();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
  }
}
