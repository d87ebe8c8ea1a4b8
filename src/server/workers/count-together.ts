import { RateLimiterCluster, RateLimiterClusterMaster } from "rate-limiter-flexible";
import type { CreateCounter } from "../rate-limits.ts";

/** Counts in a worker what counts in all of them: the first process keeps the numbers. */
export const countTogether: CreateCounter = (name, limit) => new RateLimiterCluster({ keyPrefix: name, ...limit });

/** Keeps the numbers, in the first process. */
export function keepCounts(): void {
  new RateLimiterClusterMaster();
}
