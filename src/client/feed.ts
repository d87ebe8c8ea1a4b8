import { EntryType, parseTombstonePayload } from "../protocol/index.ts";
import type { LogEntry } from "./author-log.ts";
import type { FeedItem } from "./events.ts";
import type { FriendChain } from "./friend-chain.ts";
import type { FriendChains } from "./friend-chains.ts";
import { findByHash, openBody, readThought } from "./readable-chain.ts";
import type { Verification } from "./verification.ts";

/** Where one reader of the feed stands in one friend's chain. */
interface Cursor {
  /** The place of the last entry that was looked at. */
  seq: number;
  /** Thoughts whose key was missing. */
  shut: LogEntry[];
  /** How many of the chain's events were told. */
  told: number;
  /** How many of the chain's turns were taken. */
  turned: number;
}

/** Friends' thoughts as they come in. Every reader has cursors of its own over the verified chains, so none is lost or doubled. */
export class Feed {
  readonly #chains: FriendChains;
  readonly #verificationOf: (chain: FriendChain) => Verification;
  readonly #waiting = new Set<() => void>();
  #isClosed = false;

  constructor(chains: FriendChains, verificationOf: (chain: FriendChain) => Verification) {
    this.#chains = chains;
    this.#verificationOf = verificationOf;
  }

  /** Wakes the readers: a chain has grown, a key has come, a friend has come or gone. */
  notify(): void {
    for (const wake of this.#waiting) wake();
  }

  close(): void {
    this.#isClosed = true;
    this.notify();
  }

  /** What was missed since the positions that the vault pins, then whatever comes. Ends when the account is closed. */
  async *read(): AsyncGenerator<FeedItem> {
    const cursors = new Map<FriendChain, Cursor>();
    while (!this.#isClosed) {
      const found = this.#collect(cursors);
      for (const { chain, item } of found) if (item.kind !== "edited" || (await isOwnThought(chain, item))) yield item;
      if (found.length === 0) await this.#next();
    }
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
    });
  }

  // Runs without a pause, so nothing can come in between looking and waiting.
  #collect(cursors: Map<FriendChain, Cursor>): { chain: FriendChain; item: FeedItem }[] {
    const chains = this.#chains.list();
    for (const known of cursors.keys()) if (!chains.includes(known)) cursors.delete(known);
    return chains.flatMap((chain) => {
      const cursor = cursors.get(chain) ?? { seq: chain.openedAt, shut: [], told: 0, turned: 0 };
      cursors.set(chain, cursor);
      const items = [...this.#turn(chain, cursor), ...this.#retryShut(chain, cursor), ...this.#advance(chain, cursor), ...this.#tellEvents(chain, cursor)];
      return items.map((item) => ({ chain, item }));
    });
  }

  #advance(chain: FriendChain, cursor: Cursor): FeedItem[] {
    const items: FeedItem[] = [];
    for (let seq = cursor.seq + 1; seq <= chain.log.state.seq; seq += 1) {
      const entry = chain.log.at(seq);
      if (entry) items.push(...this.#itemOf(chain, cursor, entry));
      cursor.seq = seq;
    }
    return items;
  }

  #itemOf(chain: FriendChain, cursor: Cursor, entry: LogEntry): FeedItem[] {
    const about = this.#about(chain);
    if (entry.entry.type === EntryType.TOMBSTONE && entry.entry.payload !== undefined) {
      return [{ kind: "withdrawn", ...about, id: parseTombstonePayload(entry.entry.payload) }];
    }
    const body = openBody(chain, entry);
    if (body === undefined) return [];
    if (body !== "unreadable") return [this.#thoughtItem(chain, entry, body)];
    cursor.shut.push(entry);
    return [{ kind: "unreadable", ...about, id: entry.hash, seq: entry.entry.seq }];
  }

  #thoughtItem(chain: FriendChain, entry: LogEntry, body: Parameters<typeof readThought>[2]): FeedItem {
    const thought = readThought(chain, entry, body, this.#verificationOf(chain));
    if (body.edits === undefined) return { kind: "thought", thought };
    return { kind: "edited", thought: { ...thought, id: body.edits, edited: true } };
  }

  #retryShut(chain: FriendChain, cursor: Cursor): FeedItem[] {
    const items: FeedItem[] = [];
    cursor.shut = cursor.shut.filter((entry) => {
      const body = openBody(chain, entry);
      if (body === "unreadable") return true;
      if (body !== undefined) items.push(this.#thoughtItem(chain, entry, body));
      return false;
    });
    return items;
  }

  // The author gave up a branch: what stood there is taken back, and what stands there now is read.
  #turn(chain: FriendChain, cursor: Cursor): FeedItem[] {
    const items: FeedItem[] = [];
    for (const { seq, dropped } of chain.turns.slice(cursor.turned)) {
      const seen = dropped.filter(({ entry }) => entry.type === EntryType.THOUGHT && entry.seq <= cursor.seq);
      items.push(...seen.map(({ hash }): FeedItem => ({ kind: "withdrawn", ...this.#about(chain), id: hash })));
      cursor.shut = cursor.shut.filter((entry) => !dropped.includes(entry));
      cursor.seq = Math.min(cursor.seq, seq);
    }
    cursor.turned = chain.turns.length;
    return items;
  }

  #tellEvents(chain: FriendChain, cursor: Cursor): FeedItem[] {
    const untold = chain.events.slice(cursor.told);
    cursor.told = chain.events.length;
    return untold.map((event) => ({ ...event, ...this.#about(chain) }));
  }

  #about(chain: FriendChain) {
    const { userId: author, username } = chain.user;
    return { author, username, verification: this.#verificationOf(chain) };
  }
}

// An edit counts only for a thought of the same author, and only while that thought stands.
async function isOwnThought({ log }: FriendChain, { thought }: Extract<FeedItem, { kind: "edited" }>): Promise<boolean> {
  const target = await findByHash(log, thought.id);
  return target !== undefined && target.entry.type === EntryType.THOUGHT && !log.isWithdrawn(thought.id);
}
