import { StartRefused } from "../../domain/start-refused.ts";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** The same elements, until somebody presses Ctrl-C: what uses them then ends as if it had failed, and cleans up. */
export async function* unlessInterrupted<T>(elements: AsyncIterable<T>): AsyncGenerator<T> {
  let isInterrupted = false;
  const interrupt = (): void => void (isInterrupted = true);
  for (const signal of SIGNALS) process.on(signal, interrupt);
  try {
    for await (const element of elements) {
      if (isInterrupted) throw new StartRefused("INTERRUPTED", "Stopped. Nothing was changed.");
      yield element;
    }
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupt);
  }
}
