import type { Log } from "../domain/log.ts";

export type Listener<Event> = (event: Event) => void;

/** Tells every listener. What was published is committed: one that throws harms neither the others nor the publisher. */
export function notify<Event>(listeners: Iterable<Listener<Event>>, event: Event, log: Log): void {
  for (const listener of [...listeners]) {
    try {
      listener(event);
    } catch (error) {
      log.error("a listener of an event failed", { error });
    }
  }
}
