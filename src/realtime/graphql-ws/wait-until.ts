import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 10;

/** Waits until something holds, or until it is late. */
export async function waitUntil(isReached: () => boolean, timeoutMs: number): Promise<void> {
  let isLate = false;
  const timer = setTimeout(() => (isLate = true), timeoutMs);
  while (!isReached() && !isLate) await sleep(POLL_MS);
  clearTimeout(timer);
}
