import type { Log } from "../domain/log.ts";
import { type Listener, notify } from "./notify.ts";

/** Who listens to what. A listener is told once of each event, however often it joined the topic. */
export class Topics<Event> {
  readonly #topics = new Map<string, Set<Listener<Event>>>();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  join(topic: string, listener: Listener<Event>): void {
    const listeners = this.#topics.get(topic) ?? new Set();
    this.#topics.set(topic, listeners.add(listener));
  }

  leave(topic: string, listener: Listener<Event>): void {
    const listeners = this.#topics.get(topic);
    listeners?.delete(listener);
    if (listeners?.size === 0) this.#topics.delete(topic);
  }

  publish(topic: string, event: Event): void {
    notify(this.#topics.get(topic) ?? [], event, this.#log);
  }

  /** How many topics have listeners. */
  get size(): number {
    return this.#topics.size;
  }
}
