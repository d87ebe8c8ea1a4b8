import type { Log } from "../domain/log.ts";
import { notify } from "./notify.ts";

export interface Listener<Event> {
  hear(event: Event): void;
}

interface Topic<Event> {
  name: string;
  listeners: Set<Listener<Event>>;
}

/** Who listens to what. A listener is told once of each event, however often it joined the topic. */
export class Topics<Event> {
  readonly #topics = new Map<string, Topic<Event>>();
  readonly #log: Log;
  #hearEmpty: (name: string) => void = () => undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Returns the one copy of the name that all who joined can keep: cheap to hold and to compare. */
  join(name: string, listener: Listener<Event>): string {
    const topic = this.#topics.get(name) ?? { name, listeners: new Set() };
    topic.listeners.add(listener);
    this.#topics.set(topic.name, topic);
    return topic.name;
  }

  leave(name: string, listener: Listener<Event>): void {
    const topic = this.#topics.get(name);
    topic?.listeners.delete(listener);
    if (topic?.listeners.size !== 0) return;
    this.#topics.delete(name);
    this.#hearEmpty(name);
  }

  /** Calls when the last listener of a topic has left. */
  onEmpty(hear: (name: string) => void): void {
    this.#hearEmpty = hear;
  }

  publish(name: string, event: Event): void {
    notify(this.#topics.get(name)?.listeners ?? [], (listener) => listener.hear(event), this.#log);
  }

  publishToAll(event: Event): void {
    for (const name of this.list()) this.publish(name, event);
  }

  /** The copy of the name that those who joined keep; undefined while nobody listens. */
  find(name: string): string | undefined {
    return this.#topics.get(name)?.name;
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
