import type { UserId } from "../../protocol/index.ts";
import type { EntryRecord } from "./chains.ts";

/** What happened, after it was committed. */
export type RelayEvent =
  | {
      kind: "entry";
      author: UserId;
      seq: number;
      /** How many edges to the author had ended when it was appended: whoever follows the author since fewer looks again. */
      endedEdges: number;
      /** Undefined when another process appended it: whoever needs it reads the store. */
      entry: EntryRecord | undefined;
    }
  | { kind: "friendship"; userId: UserId; number: number }
  | { kind: "edges"; userId: UserId }
  | { kind: "sessionsEnded"; userId: UserId; sessionIds: Uint8Array[] }
  /** Events of other processes may have been lost: whoever relies on them looks at the store. */
  | { kind: "gap" };

/**
 * Between the relay's processes. Every listener of this process hears an event before `publish` returns; those of others
 * hear it at most once, in the order in which one process published it, or hear of a gap.
 */
export interface Bus {
  publish(event: RelayEvent): void;
  /** Returns the function that ends the subscription. */
  subscribe(listener: (event: RelayEvent) => void): () => void;
}
