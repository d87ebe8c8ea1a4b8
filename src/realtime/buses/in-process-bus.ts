import type { Log } from "../../domain/log.ts";
import type { RelayEvent } from "../../domain/ports/index.ts";
import { type Listener, notify } from "../notify.ts";
import type { RelayBus } from "./relay-bus.ts";

/** The bus of a relay that is one process: every listener hears an event before `publish` returns. */
export function createInProcessBus(log: Log): RelayBus {
  const listeners = new Set<Listener<RelayEvent>>();
  return {
    publish: (event) => notify(listeners, event, log),
    subscribe(listener) {
      // Each subscription is a function of its own: the same listener may subscribe twice.
      const subscription: Listener<RelayEvent> = (event) => listener(event);
      listeners.add(subscription);
      return () => void listeners.delete(subscription);
    },
    close: async () => listeners.clear(),
  };
}
