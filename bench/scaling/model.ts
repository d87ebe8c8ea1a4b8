import { seededRandom } from "../../test/support/random.ts";
import { findNewest } from "../harness/results.ts";
import { mean } from "../harness/statistics.ts";

// The crowd that docs/SCALING.md plans for. What is assumed stands here and nowhere else.
export const SEED = 20_261;
export const USERS = 1_000_000;
export const ENTRIES_PER_USER_DAY = 10;
/** The busiest second of a day over its average. */
export const PEAK = 4;
export const MAX_FRIENDS = 1_000;
export const MEDIAN_FRIENDS = 150;
const DAY_SECONDS = 86_400;

/** At the peak. */
export const ENTRIES_PER_SECOND = (USERS * ENTRIES_PER_USER_DAY * PEAK) / DAY_SECONDS;

/** Log-normal, as numbers of friends are, and cut at what the protocol allows. */
export function drawFriendCount(random: () => number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.max(1, Math.min(MAX_FRIENDS, Math.round(MEDIAN_FRIENDS * Math.exp(0.7 * normal))));
}

export function meanFriends(): number {
  const random = seededRandom(SEED);
  return mean(Array.from({ length: 10_000 }, () => drawFriendCount(random)));
}

/** A figure of the newest run of a bench; undefined when it was not measured. */
export function findFigure(bench: string, column: string, is: (row: Record<string, string | number>) => boolean): number | undefined {
  const value = findNewest(bench)?.result.rows.find(is)?.[column];
  return typeof value === "number" ? value : undefined;
}

/** µs of server CPU per delivery, as measured; a round number while it was not. */
export function deliveryCost(): { deliveryUs: number; source: string } {
  const measured = findFigure("fanout", "µs net", ({ server, sockets }) => server === "relay" && sockets === 3_000);
  return measured === undefined ? { deliveryUs: 10, source: "assumed; run fanout first" } : { deliveryUs: measured, source: "fanout, newest run" };
}
