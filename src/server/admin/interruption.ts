import { StartRefused } from "../../domain/start-refused.ts";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** Whether somebody has pressed Ctrl-C. */
export interface Interruption {
  /** Throws StartRefused INTERRUPTED. */
  demandNone(): void;
  /** The same elements until then: what uses them ends as if it had failed, and cleans up. */
  unless<T>(elements: AsyncIterable<T>): AsyncGenerator<T>;
}

/** Runs the work of a whole process, which Ctrl-C ends between two of its steps and never within one, nor when it is done. */
export function interruptibly<T>(work: (interruption: Interruption) => Promise<T>): Promise<T> {
  let isInterrupted = false;
  for (const signal of SIGNALS) process.on(signal, () => (isInterrupted = true));
  const demandNone = (): void => {
    if (isInterrupted) throw new StartRefused("INTERRUPTED", "Stopped. Nothing was changed.");
  };
  return work({
    demandNone,
    async *unless(elements) {
      for await (const element of elements) {
        demandNone();
        yield element;
      }
    },
  });
}
