import type { Log } from "../domain/log.ts";
import type { Bus, EntryRecord, RelayEvent } from "../domain/ports.ts";
import { idKey } from "../protocol/index.ts";
import { Topics } from "./topics.ts";

/** An entry that was appended. */
export interface Announcement {
  authorKey: string;
  seq: number;
  entry: EntryRecord;
}

export type UserEvent = Exclude<RelayEvent, { kind: "entry" | "gap" }>;

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

export function createHub(bus: Bus, log: Log): Hub {
  const authors = new Topics<Announcement>(log);
  const users = new Topics<UserEvent>(log);
  let present: Moment = {};

  bus.subscribe((event) => {
    if (event.kind === "gap") return;
    if (event.kind !== "entry") return users.publish(idKey(event.userId), event);
    const { seq, entry } = event;
    if (!entry) return;
    const authorKey = idKey(event.author);
    const moment: Moment = {};
    present.next = { authorKey, seq, moment };
    present = moment;
    authors.publish(authorKey, { authorKey, seq, entry });
  });

  return { authors, users, now: () => present };
}

/** Which entries were announced after a moment. */
export function* entriesSince(moment: Moment): Generator<{ authorKey: string; seq: number }> {
  for (let { next } = moment; next; { next } = next.moment) yield next;
}
