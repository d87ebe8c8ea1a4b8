import type { Bus } from "../../domain/ports/index.ts";

/** A bus with an end. */
export interface RelayBus extends Bus {
  /** Sends what waits, as far as that is possible soon, and lets go of every listener and connection. */
  close(): Promise<void>;
}
