import type { Log } from "../domain/log.ts";
import type { EntryDelivery, EntryRecord, Repositories } from "../domain/ports/index.ts";
import { idKey, parseBase64url } from "../protocol/index.ts";
import { REPLAY_PAGE } from "./feed-limits.ts";
import type { Tick } from "./tick.ts";
import type { Topics } from "./topics.ts";

export type DeliveredEntry = Extract<EntryDelivery, { kind: "entry" }>;

/** An entry that was appended. Without a delivery only its place is known: who needs it reads the store. */
export interface Announcement {
  authorKey: string;
  seq: number;
  /** How many edges to the author had ended by then. */
  endedEdges: number;
  /** One object to all streams: what is made of it for one serves the others. */
  delivery: DeliveredEntry | undefined;
}

/** What the bus tells of an entry. */
interface Word extends Target {
  authorKey: string;
  entry: EntryRecord | undefined;
}

export interface AnnouncerOptions {
  authors: Topics<Announcement>;
  chains: Pick<Repositories["chains"], "listEntries" | "listHeads">;
  tick: Pick<Tick, "later">;
  log: Log;
}

/** Up to where an author is known to have written. */
interface Target {
  seq: number;
  endedEdges: number;
}

const RETRY_MS = 1_000;
/** Authors whose heads are looked at in one statement. */
const HEADS_AT_ONCE = 500;

/**
 * Announces the entries of each author in order, as one object to all streams. What another process appended, or what was
 * lost on the way, is read from the store once for all of them, and not at all while nobody listens.
 */
export class Announcer {
  readonly #options: AnnouncerOptions;
  /** The newest place that was announced, of authors with listeners. */
  readonly #announced = new Map<string, number>();
  /** Authors whose entries are being read. */
  readonly #reading = new Map<string, Target>();

  constructor(options: AnnouncerOptions) {
    this.#options = options;
    options.authors.onEmpty((authorKey) => this.#announced.delete(authorKey));
  }

  announce(word: Word): void {
    const { authorKey, seq, endedEdges, entry } = word;
    if (this.#options.authors.find(authorKey) === undefined) return;
    const reading = this.#reading.get(authorKey);
    if (reading) return raise(reading, word);
    const last = this.#announced.get(authorKey) ?? seq - 1;
    if (seq <= last) return;
    if (entry && seq === last + 1) return this.#publish(authorKey, word, entry);
    void this.#read(authorKey, last, { seq, endedEdges });
  }

  /** Announces what was appended without a word: the heads of all authors with listeners tell. */
  async lookAtHeads(): Promise<void> {
    try {
      const keys = this.#options.authors.list();
      for (let start = 0; start < keys.length; start += HEADS_AT_ONCE) {
        await this.#lookAtHeadsOf(keys.slice(start, start + HEADS_AT_ONCE));
      }
    } catch (error) {
      // The database may be what the gap came from.
      this.#options.log.error("the heads of chains cannot be read after a gap", { error });
      setTimeout(() => void this.lookAtHeads(), RETRY_MS).unref();
    }
  }

  async #lookAtHeadsOf(keys: string[]): Promise<void> {
    for (const { author, seq, endedEdges } of await this.#options.chains.listHeads(keys.map(parseBase64url))) {
      const authorKey = idKey(author);
      // Of an author who was silent so far, each stream knows by itself what it holds.
      if (this.#announced.has(authorKey)) this.announce({ authorKey, seq, endedEdges, entry: undefined });
      else this.#publish(authorKey, { seq, endedEdges });
    }
  }

  async #read(authorKey: string, after: number, target: Target): Promise<void> {
    this.#reading.set(authorKey, target);
    try {
      for (let last = after; last < target.seq; ) last = await this.#readPage(authorKey, last, target);
    } catch (error) {
      this.#options.log.error("announced entries cannot be read", { error });
      this.#publish(authorKey, target);
    } finally {
      this.#reading.delete(authorKey);
    }
  }

  async #readPage(authorKey: string, after: number, target: Target): Promise<number> {
    const { entries: first, bytes: maxBytes } = REPLAY_PAGE;
    const range = { author: parseBase64url(authorKey), after, before: undefined, types: undefined, newestFirst: false };
    const { rows } = await this.#options.chains.listEntries({ ...range, first, maxBytes });
    if (rows.length === 0) throw new Error("an entry was announced that is not stored");
    for (const entry of rows) this.#publish(authorKey, { seq: entry.seq, endedEdges: target.endedEdges }, entry);
    return rows.at(-1)?.seq ?? target.seq;
  }

  #publish(name: string, { seq, endedEdges }: Target, entry?: EntryRecord): void {
    const { authors, tick } = this.#options;
    const authorKey = authors.find(name);
    if (authorKey === undefined) return;
    this.#announced.set(authorKey, seq);
    tick.later(() => authors.publish(authorKey, { authorKey, seq, endedEdges, delivery: entry && { kind: "entry", entry } }));
  }
}

function raise(target: Target, { seq, endedEdges }: Target): void {
  target.seq = Math.max(target.seq, seq);
  target.endedEdges = Math.max(target.endedEdges, endedEdges);
}
