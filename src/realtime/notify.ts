import type { Log } from "../domain/log.ts";

/** Tells every listener. What was published is committed: one that throws harms neither the others nor the publisher. */
export function notify<Listener>(listeners: Iterable<Listener>, tell: (listener: Listener) => void, log: Log): void {
  for (const listener of [...listeners]) {
    try {
      tell(listener);
    } catch (error) {
      log.error("a listener of an event failed", { error });
    }
  }
}
