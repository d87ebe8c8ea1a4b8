import type { ExecutionResult } from "graphql";
import { findEntries, type ShownEntry } from "./find-entries.ts";
import type { Reading } from "./worker-calls.ts";

const MAX_READINGS = 100;

/** What one run of an operation brought, opened. */
export interface ReadRun {
  /** Of a subscription the newest first, else in the order of the answer. */
  readings: readonly Reading[];
  /** A subscription that is open. */
  isLive: boolean;
  /** What kept the entries from being opened. */
  problem: string | undefined;
}

/** An operation that runs: takes in its answers. */
export interface RunListener {
  take(answer: ExecutionResult): void;
  end(): void;
}

/** The opened entries beside each tab's answer. They are in memory only, and gone with the session. */
export interface Readings {
  of(tab: string): ReadRun | undefined;
  subscribe(listener: () => void): () => void;
  /** Which tab is in front: what runs next belongs to it. */
  show(tab: string): void;
  begin(isLive: boolean): RunListener;
  forget(): void;
}

export function createReadings(read: (shown: ShownEntry[]) => Promise<Reading[]>): Readings {
  const listeners = new Set<() => void>();
  const runs = new Map<string, ReadRun>();
  let front = "";
  const tell = (): void => listeners.forEach((listener) => listener());

  return {
    of: (tab) => runs.get(tab),
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    show(tab) {
      front = tab;
    },
    begin(isLive) {
      const tab = front;
      let run: ReadRun = { readings: [], isLive, problem: undefined };
      // A later run in the same tab takes its place; after that nothing of this one is shown.
      const become = (next: Partial<ReadRun>): void => {
        if (runs.get(tab) !== run) return;
        run = { ...run, ...next };
        runs.set(tab, run);
        tell();
      };
      runs.set(tab, run);
      tell();
      let last: Promise<void> = Promise.resolve();
      const open = async (shown: ShownEntry[]): Promise<void> => {
        const opened = await read(shown);
        become({ readings: [...opened, ...run.readings].slice(0, MAX_READINGS) });
      };
      return {
        take({ data }) {
          const shown = findEntries(data).slice(0, MAX_READINGS);
          if (shown.length === 0) return;
          last = last.then(() => open(shown)).catch((error: unknown) => become({ problem: error instanceof Error ? error.message : String(error) }));
        },
        end: () => become({ isLive: false }),
      };
    },
    forget() {
      runs.clear();
      tell();
    },
  };
}
