import { setTimeout as sleep } from "node:timers/promises";
import type { RequestHandler } from "express";

const PING_TIMEOUT_MS = 1_000;

export interface Health {
  /** GET /healthz: this process answers. Asks nobody. */
  live: RequestHandler;
  /** GET /readyz: requests are welcome. 503 while the database does not answer and from the moment the relay stops. */
  ready: RequestHandler;
}

export function createHealth(options: { pingDatabase(): Promise<unknown>; isStopping(): boolean }): Health {
  const ping = async (): Promise<boolean> => {
    const timeout = new AbortController();
    const answered = options.pingDatabase().then(
      () => true,
      () => false,
    );
    const late = sleep(PING_TIMEOUT_MS, false, { signal: timeout.signal }).catch(() => false);
    try {
      return await Promise.race([answered, late]);
    } finally {
      timeout.abort();
    }
  };
  // However many ask at once, the database is asked once.
  let pinging: Promise<boolean> | undefined;
  const databaseAnswers = (): Promise<boolean> => (pinging ??= ping().finally(() => (pinging = undefined)));

  return {
    live: (_request, response) => void response.json({ live: true }),
    async ready(_request, response) {
      const isStopping = options.isStopping();
      const database = !isStopping && (await databaseAnswers());
      response.status(database ? 200 : 503).json({ ready: database, ...(isStopping ? { stopping: true } : { database }) });
    },
  };
}
