import type { Log } from "../domain/log.ts";
import type { Bus, RelayEvent } from "../domain/ports.ts";
import { idKey, type UserId } from "../protocol/index.ts";
import { type Listener, notify } from "./notify.ts";

export type EntryEvent = Extract<RelayEvent, { kind: "entry" }>;
export type UserEvent = Exclude<RelayEvent, EntryEvent>;

/** A moment between two entries. Whoever holds one keeps the entries after it in memory, and nobody else does. */
export interface Moment {
  next?: { authorKey: string; seq: number; moment: Moment };
}

/** Between the bus and the streams: an event costs what its listeners cost, however many streams there are. */
export interface Hub {
  /** Returns the function that ends the listening. */
  listenToAuthor(author: UserId, listener: Listener<EntryEvent>): () => void;
  listenToUser(userId: UserId, listener: Listener<UserEvent>): () => void;
  /** The present moment, for a stream that does not know its authors yet. */
  now(): Moment;
}

export function createHub(bus: Bus, log: Log): Hub {
  const authors = new Topics<EntryEvent>(log);
  const users = new Topics<UserEvent>(log);
  let present: Moment = {};

  bus.subscribe((event) => {
    if (event.kind !== "entry") return users.publish(idKey(event.userId), event);
    const authorKey = idKey(event.author);
    const moment: Moment = {};
    present.next = { authorKey, seq: event.seq, moment };
    present = moment;
    authors.publish(authorKey, event);
  });

  return {
    listenToAuthor: (author, listener) => authors.listen(idKey(author), listener),
    listenToUser: (userId, listener) => users.listen(idKey(userId), listener),
    now: () => present,
  };
}

/** Which entries were announced after a moment. */
export function* entriesSince(moment: Moment): Generator<{ authorKey: string; seq: number }> {
  for (let { next } = moment; next; { next } = next.moment) yield next;
}

/** Listeners by topic. */
class Topics<Event> {
  readonly #topics = new Map<string, Set<Listener<Event>>>();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  publish(topic: string, event: Event): void {
    notify(this.#topics.get(topic) ?? [], event, this.#log);
  }

  listen(topic: string, listener: Listener<Event>): () => void {
    const listeners = this.#topics.get(topic) ?? new Set();
    this.#topics.set(topic, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#topics.get(topic) === listeners) this.#topics.delete(topic);
    };
  }
}
