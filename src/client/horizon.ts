import type { ReadableChain } from "./readable-chain.ts";

/**
 * Why one reads no further back: "beginning" is the author's first thought; "before-your-time" is what they wrote before
 * they shared anything with you; "withheld" tells of keys that should be there and are not, or not yet.
 */
export type Horizon = "beginning" | "before-your-time" | "withheld";

/** `pinnedFirstEpoch` is what the own vault remembers: with it no relay passes off as before one's time what it withholds. */
export function horizonOf({ log, keys }: Pick<ReadableChain, "log" | "keys">, pinnedFirstEpoch: number | undefined): Horizon {
  const first = Math.min(keys.firstEpoch ?? Infinity, pinnedFirstEpoch ?? Infinity);
  if (first === Infinity) return "withheld";
  for (let n = first; n <= log.state.epoch; n += 1) if (keys.thoughtKey(n) === undefined) return "withheld";
  return first === 0 ? "beginning" : "before-your-time";
}
