import type { EntryDelivery, Position, StreamControl, UnitOfWork } from "../domain/ports/index.ts";
import type { Viewer } from "../domain/viewer.ts";
import { idKey, parseBase64url, type UserId } from "../protocol/index.ts";
import { Author, type Follower } from "./author.ts";
import { EntryQueue, sizeOf } from "./entry-queue.ts";
import type { FeedLimits, ReplayPage } from "./feed-limits.ts";
import type { Announcement, DeliveredEntry } from "./announcer.ts";
import { entriesSince, type Hub, type Moment, type UserEvent } from "./hub.ts";
import type { Listener } from "./topics.ts";
import { endsSession } from "./session-end.ts";
import { Stream } from "./stream.ts";

export interface EntryStreamOptions<Delivery> {
  viewer: Viewer;
  /** What the client holds. */
  after: Position[];
  /** Whether the viewer's own chain belongs to the stream. */
  includeOwn: boolean;
  /** All types when undefined. */
  types: number[] | undefined;
  /** What the consumer gets; undefined is passed over. */
  toDelivery: (delivery: EntryDelivery) => Delivery | undefined;
  control: StreamControl;
  hub: Hub;
  unitOfWork: UnitOfWork;
  limits: FeedLimits;
  page: ReplayPage;
}

/** A chain that the viewer may read now. */
interface Readable {
  author: UserId;
  sinceSeq: number;
  headSeq: number;
  endedEdges: number;
}

/**
 * The entries of all chains that a viewer may read. While any author is behind, live entries only raise what is known to
 * exist, and pages are read from the store as the consumer pulls; after that live entries wait in a short queue. A place
 * that was skipped puts its author behind again, so it does not matter in which order entries are announced.
 */
export class EntryStream<Delivery> extends Stream<Delivery> implements Follower, Listener<UserEvent> {
  readonly #options: Omit<EntryStreamOptions<Delivery>, "after">;
  readonly #queue: EntryQueue;
  readonly #ownKey: string;
  readonly #authors = new Map<string, Author>();
  #loading: Promise<void>;
  #isReloadDue = false;
  /** What was announced since the sink last had room, and is left to the store for it. */
  #unseen = { entries: 0, bytes: 0 };

  constructor({ after, ...options }: EntryStreamOptions<Delivery>) {
    super();
    this.#options = options;
    this.#queue = new EntryQueue(options.limits);
    this.#ownKey = options.hub.users.join(idKey(options.viewer.userId), this);
    this.#loading = this.#waking(this.#begin(after, options.hub.now()));
  }

  protected override async pull(): Promise<Delivery | undefined> {
    while (!this.isClosed) {
      await this.#settle();
      const task = this.#queue.first;
      if (!task) return undefined;
      if (task.kind === "replay") {
        await this.#replay(task.author);
        continue;
      }
      this.#queue.shift();
      if (task.kind !== "caughtUp" && !task.author.isFollowed) continue;
      const delivery = this.#options.toDelivery(task.kind === "caughtUp" ? task : task.delivery);
      if (delivery !== undefined) return delivery;
    }
    return undefined;
  }

  protected override free(): void {
    const { users, authors } = this.#options.hub;
    users.leave(this.#ownKey, this);
    for (const author of this.#authors.values()) author.leave(authors);
    this.#authors.clear();
  }

  // --- whose chains ----------------------------------------------------------------------------

  /** Authors without a position are live from the moment on when the stream was asked for. */
  async #begin(after: Position[], moment: Moment): Promise<void> {
    const readable = await this.#listReadable();
    if (this.isClosed) return;
    const positions = new Map(after.map(({ author, seq }) => [idKey(author), seq]));
    const announced = new Map([...entriesSince(moment)].reverse().map(({ authorKey, seq }) => [authorKey, seq]));
    for (const row of readable) {
      const key = idKey(row.author);
      // A client can hold more than a relay that was restored from a backup: it gets what is appended from now on.
      this.#follow(row, Math.min(row.headSeq, positions.get(key) ?? (announced.get(key) ?? Infinity) - 1));
    }
    this.#learnSince(moment);
    this.#queue.push({ kind: "caughtUp", authors: readable.filter(({ author }) => positions.has(idKey(author))).length });
  }

  /** Authors who became readable are live from the moment on when the edge began. */
  async #reload(moment: Moment): Promise<void> {
    const readable = new Map((await this.#listReadable()).map((row) => [idKey(row.author), row]));
    if (this.isClosed) return;
    for (const [key, author] of this.#authors) {
      if (readable.get(key)?.sinceSeq !== author.sinceSeq) this.#drop(author);
    }
    for (const [key, row] of readable) {
      const author = this.#authors.get(key);
      if (!author) {
        this.#follow(row, row.sinceSeq);
        continue;
      }
      author.endedEdges = row.endedEdges;
      this.#learn(author, row.headSeq);
    }
    this.#learnSince(moment);
  }

  async #listReadable(): Promise<Readable[]> {
    const { viewer, includeOwn, unitOfWork } = this.#options;
    const { friendships, chains } = unitOfWork.repositories;
    const friends: Readable[] = await friendships.listAuthors(viewer.userId);
    const own = includeOwn ? await chains.find(viewer.userId) : undefined;
    return own ? [...friends, { author: own.author, sinceSeq: 0, headSeq: own.seq, endedEdges: Infinity }] : friends;
  }

  #follow(row: Readable, position: number): void {
    const { sinceSeq, endedEdges } = row;
    const author = new Author(this, this.#options.hub.authors, { key: idKey(row.author), sinceSeq, endedEdges, position });
    this.#authors.set(author.key, author);
    this.#learn(author, row.headSeq);
  }

  #drop(author: Author): void {
    if (!author.isFollowed) return;
    author.leave(this.#options.hub.authors);
    this.#authors.delete(author.key);
  }

  async #settle(): Promise<void> {
    let loading: Promise<void> | undefined;
    while (loading !== this.#loading) {
      loading = this.#loading;
      await loading;
    }
  }

  /** A consumer that sleeps has to see what was loaded, or that it could not be. */
  #waking(loading: Promise<void>): Promise<void> {
    loading.then(
      () => this.wake(),
      () => this.wake(),
    );
    return loading;
  }

  // --- what is announced -----------------------------------------------------------------------

  hear(event: UserEvent): void {
    if (endsSession(event, this.#options.viewer)) return this.close();
    if (event.kind === "edges" || event.kind === "gap") this.#reloadSoon();
  }

  #reloadSoon(): void {
    if (this.#isReloadDue) return;
    this.#isReloadDue = true;
    const moment = this.#options.hub.now();
    const reload = async (): Promise<void> => {
      this.#isReloadDue = false;
      await this.#reload(moment);
    };
    this.#loading = this.#waking(this.#loading.then(reload));
    // Whatever is announced from now on waits until it is known who may still read.
    this.wake();
  }

  hearOf(author: Author, { seq, endedEdges, delivery }: Announcement): void {
    if (endedEdges > author.endedEdges) this.#reloadSoon();
    if (!delivery || this.#queue.hasReplay || seq !== author.position + 1) {
      this.#demandProgress(delivery);
      return this.#learn(author, seq);
    }
    author.position = seq;
    author.known = seq;
    const { types } = this.#options;
    if (types && !types.includes(delivery.entry.type)) return;
    const wanted = this.#options.toDelivery(delivery);
    if (wanted === undefined || (!this.#queue.first && this.pour(wanted))) return;
    this.#queue.push({ kind: "live", author, delivery });
    if (this.#queue.isOverfull) this.#overflow();
    else this.wake();
  }

  #learn(author: Author, seq: number): void {
    if (seq <= author.known) return;
    author.known = seq;
    if (author.isBehind) return;
    author.isBehind = true;
    this.#queue.push({ kind: "replay", author });
    this.wake();
  }

  /** Who is behind may take their time. Whoever takes nothing, while others write as much as may wait for one, reads no more. */
  #demandProgress(delivery: DeliveredEntry | undefined): void {
    if (!this.isBlocked) {
      this.#unseen = { entries: 0, bytes: 0 };
      return;
    }
    this.#unseen.entries += 1;
    this.#unseen.bytes += delivery ? sizeOf(delivery) : 0;
    const { maxUnsentEntries, maxUnsentBytes } = this.#options.limits;
    if (this.#unseen.entries > maxUnsentEntries || this.#unseen.bytes > maxUnsentBytes) this.#overflow();
  }

  #learnSince(moment: Moment): void {
    for (const { authorKey, seq } of entriesSince(moment)) {
      const author = this.#authors.get(authorKey);
      if (author) this.#learn(author, seq);
    }
  }

  #overflow(): void {
    try {
      this.#options.control.onOverflow();
    } finally {
      this.close();
    }
  }

  // --- what was missed -------------------------------------------------------------------------

  /** Reads the author's next page from the store, if the edge is still there. */
  async #replay(author: Author): Promise<void> {
    const { viewer, types, unitOfWork, page } = this.#options;
    const { chains, friendships } = unitOfWork.repositories;
    const id = parseBase64url(author.key);
    if (author.key !== this.#ownKey && !(await friendships.hasEdge(viewer.userId, id))) this.#drop(author);
    if (!author.isFollowed) return this.#queue.shift();

    const { known } = author;
    const { rows, hasMore } = await chains.listEntries({
      author: id,
      after: author.position,
      before: undefined,
      types,
      newestFirst: false,
      first: page.entries,
      maxBytes: page.bytes,
    });
    const last = rows.at(-1)?.seq ?? author.position;
    // What was known before the read was stored before it: nothing of these types is left up to there.
    author.position = hasMore ? last : Math.max(last, known);
    author.known = Math.max(author.known, author.position);
    author.isBehind = author.known > author.position;
    if (!author.isBehind) this.#queue.shift();
    this.#queue.putFirst(rows.map((entry) => ({ kind: "missed", author, delivery: { kind: "entry", entry } })));
  }
}
