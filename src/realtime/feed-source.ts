import type { Log } from "../domain/log.ts";
import type { Bus, EntryDelivery, FeedSource, ThoughtRecord, UnitOfWork } from "../domain/ports/index.ts";
import { EntryType } from "../protocol/index.ts";
import { EntryStream } from "./entry-stream.ts";
import { type FeedLimits, REPLAY_PAGE, type ReplayPage } from "./feed-limits.ts";
import { FriendshipEventStream } from "./friendship-event-stream.ts";
import { createHub } from "./hub.ts";
import type { Tick } from "./tick.ts";

export interface FeedSourceOptions {
  unitOfWork: UnitOfWork;
  bus: Bus;
  tick: Pick<Tick, "later">;
  log: Log;
  limits: FeedLimits;
  page?: ReplayPage;
}

/** Streams from the store and the bus of this process. */
export function createFeedSource({ unitOfWork, bus, tick, log, limits, page = REPLAY_PAGE }: FeedSourceOptions): FeedSource {
  const shared = { hub: createHub({ bus, chains: unitOfWork.repositories.chains, tick, log }), unitOfWork, limits, page };
  return {
    thoughts: (viewer, after, control) =>
      new EntryStream<ThoughtRecord>({
        ...shared, viewer, after, control,
        includeOwn: false,
        types: [EntryType.THOUGHT],
        toDelivery: (delivery) => (delivery.kind === "entry" ? delivery.entry : undefined),
      }),

    entries: (viewer, after, control) =>
      new EntryStream<EntryDelivery>({
        ...shared, viewer, after, control,
        includeOwn: true,
        types: undefined,
        toDelivery: (delivery) => delivery,
      }),

    friendshipEvents: (viewer, after) => new FriendshipEventStream({ ...shared, viewer, after }),
  };
}
