import type { Log } from "../domain/log.ts";
import type { Bus, RelayEvent, Repositories } from "../domain/ports/index.ts";
import { idKey } from "../protocol/index.ts";
import { type Announcement, Announcer } from "./announcer.ts";
import type { Tick } from "./tick.ts";
import { Topics } from "./topics.ts";

/** What concerns one user; a gap concerns everybody. */
export type UserEvent = Exclude<RelayEvent, { kind: "entry" }>;

/** A moment between two entries. Whoever holds one keeps what is known of the entries after it in memory, and nobody else does. */
export interface Moment {
  next?: { authorKey: string; seq: number; moment: Moment };
}

/** Between the bus and the streams: an event costs what its listeners cost, however many streams there are. */
export interface Hub {
  /** Appended entries, by author. */
  readonly authors: Topics<Announcement>;
  /** Everything else, by the user whom it concerns. */
  readonly users: Topics<UserEvent>;
  /** The present moment, for a stream that does not know its authors yet. */
  now(): Moment;
}

export interface HubOptions {
  bus: Bus;
  chains: Pick<Repositories["chains"], "listEntries" | "listHeads">;
  tick: Pick<Tick, "later">;
  log: Log;
}

export function createHub({ bus, chains, tick, log }: HubOptions): Hub {
  const authors = new Topics<Announcement>(log);
  const users = new Topics<UserEvent>(log);
  const announcer = new Announcer({ authors, chains, tick, log });
  let present: Moment = {};

  bus.subscribe((event) => {
    if (event.kind === "gap") {
      users.publishToAll(event);
      return void announcer.lookAtHeads();
    }
    if (event.kind !== "entry") return users.publish(idKey(event.userId), event);
    const authorKey = idKey(event.author);
    const { seq, endedEdges, entry } = event;
    const moment: Moment = {};
    present.next = { authorKey, seq, moment };
    present = moment;
    announcer.announce({ authorKey, seq, endedEdges, entry });
  });

  return { authors, users, now: () => present };
}

/** Which entries were announced after a moment. */
export function* entriesSince(moment: Moment): Generator<{ authorKey: string; seq: number }> {
  for (let { next } = moment; next; { next } = next.moment) yield next;
}
