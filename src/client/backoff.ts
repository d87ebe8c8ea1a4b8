const FIRST_MS = 200;
const LARGEST_MS = 20_000;

/** Full jitter: a random wait below a bound that doubles with every try, so that many clients do not return at once. */
export function backoffMs(attempt: number): number {
  return Math.random() * Math.min(LARGEST_MS, FIRST_MS * 2 ** attempt);
}

/** Waits, or returns early when the signal aborts. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal?.addEventListener("abort", finish, { once: true });
  });
}
