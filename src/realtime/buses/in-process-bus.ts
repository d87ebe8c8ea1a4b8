import type { Log } from "../../domain/log.ts";
import type { RelayEvent } from "../../domain/ports/index.ts";
import { notify } from "../notify.ts";
import type { RelayBus } from "./relay-bus.ts";

/** The bus of a relay that is one process: every listener hears an event before `publish` returns. */
export function createInProcessBus(log: Log): RelayBus {
  const listeners = new Set<(event: RelayEvent) => void>();
  return {
    publish: (event) => notify(listeners, (listener) => listener(event), log),
    subscribe(listener) {
      // Each subscription is a function of its own: the same listener may subscribe twice.
      const subscription = (event: RelayEvent): void => listener(event);
      listeners.add(subscription);
      return () => void listeners.delete(subscription);
    },
    close: async () => listeners.clear(),
  };
}
