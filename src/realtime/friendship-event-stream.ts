import type { FriendshipEventDelivery, UnitOfWork } from "../domain/ports/index.ts";
import type { Viewer } from "../domain/viewer.ts";
import { idKey } from "../protocol/index.ts";
import type { ReplayPage } from "./feed-limits.ts";
import type { Hub, UserEvent } from "./hub.ts";
import { endsSession } from "./session-end.ts";
import { Stream } from "./stream.ts";
import type { Listener } from "./topics.ts";

export interface FriendshipEventStreamOptions {
  viewer: Viewer;
  /** The number of the last event that the client holds. */
  after: number;
  hub: Hub;
  unitOfWork: UnitOfWork;
  page: ReplayPage;
}

/**
 * A user's friendship events from the store, page by page. The numbers are without gaps and become visible in order, so the
 * next page always follows the last one; what is announced only says that there is more.
 */
export class FriendshipEventStream extends Stream<FriendshipEventDelivery> implements Listener<UserEvent> {
  readonly #options: FriendshipEventStreamOptions;
  readonly #userKey: string;
  #position: number | undefined;
  #mayHaveMore = true;
  #page: FriendshipEventDelivery[] = [];

  constructor(options: FriendshipEventStreamOptions) {
    super();
    this.#options = options;
    this.#userKey = options.hub.users.join(idKey(options.viewer.userId), this);
  }

  protected override async pull(): Promise<FriendshipEventDelivery | undefined> {
    if (this.#page.length === 0 && this.#mayHaveMore) this.#page = await this.#readPage();
    return this.#page.shift();
  }

  protected override free(): void {
    this.#options.hub.users.leave(this.#userKey, this);
    this.#page = [];
  }

  hear(event: UserEvent): void {
    if (endsSession(event, this.#options.viewer)) this.close();
    if (event.kind !== "friendship" && event.kind !== "gap") return;
    this.#mayHaveMore = true;
    this.wake();
  }

  async #readPage(): Promise<FriendshipEventDelivery[]> {
    const { viewer, unitOfWork, page } = this.#options;
    const { friendships } = unitOfWork.repositories;
    this.#mayHaveMore = false;
    this.#position ??= await this.#start();
    const events = await friendships.listEvents(viewer.userId, this.#position, page.entries);
    this.#position = events.at(-1)?.number ?? this.#position;
    this.#mayHaveMore ||= events.length === page.entries;
    const rows = await friendships.findMany(events.map(({ friendshipId }) => friendshipId));
    return events.flatMap((event, index) => {
      const friendship = rows[index];
      return friendship ? [{ event, friendship }] : [];
    });
  }

  /** A client can hold more than a relay that was restored from a backup: it gets what happens from now on. */
  async #start(): Promise<number> {
    const user = await this.#options.unitOfWork.repositories.users.findById(this.#options.viewer.userId);
    return Math.min(this.#options.after, user?.eventNumber ?? 0);
  }
}
