import type { Log } from "../domain/log.ts";

const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/** Listens from the beginning: a signal during the start stops the relay when it has started. */
export function awaitSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of SIGNALS) process.on(signal, () => resolve(signal));
  });
}

/** Stops when the signal comes; what hangs is given up in time. */
export async function stopOn(signalled: Promise<NodeJS.Signals>, stop: () => Promise<void>, shutdownSeconds: number, log: Log): Promise<void> {
  log.info("relay stopping", { signal: await signalled });
  await endInTime(stop, shutdownSeconds, log);
  log.info("relay stopped");
}

/** Ends this process when `stop` takes too long. */
export async function endInTime(stop: () => Promise<void>, shutdownSeconds: number, log: Log): Promise<void> {
  const deadline = setTimeout(() => {
    log.error("the relay did not stop in time");
    process.exit(1);
  }, shutdownSeconds * 1000).unref();
  await stop();
  clearTimeout(deadline);
}
