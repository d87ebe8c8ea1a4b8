import type { Log } from "../domain/log.ts";
import { type Listener, notify } from "./notify.ts";

/** Who listens to what. A listener is told once of each event, however often it joined the topic. */
export class Topics<Event> {
  readonly #topics = new Map<string, Set<Listener<Event>>>();
  readonly #log: Log;
  #hearEmpty: (topic: string) => void = () => undefined;

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
    if (listeners?.size !== 0) return;
    this.#topics.delete(topic);
    this.#hearEmpty(topic);
  }

  /** Calls when the last listener of a topic has left. */
  onEmpty(hear: (topic: string) => void): void {
    this.#hearEmpty = hear;
  }

  publish(topic: string, event: Event): void {
    notify(this.#topics.get(topic) ?? [], event, this.#log);
  }

  publishToAll(event: Event): void {
    for (const topic of this.list()) this.publish(topic, event);
  }

  has(topic: string): boolean {
    return this.#topics.has(topic);
  }

  /** The topics that have listeners. */
  list(): string[] {
    return [...this.#topics.keys()];
  }

  /** How many topics have listeners. */
  get size(): number {
    return this.#topics.size;
  }
}
