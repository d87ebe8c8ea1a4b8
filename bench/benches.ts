import type { Bench } from "./harness/bench.ts";
import { bench as interestSim } from "./interest-sim.ts";

/** All benches, in the order in which they run: what needs a quiet machine comes first. */
export const benches: readonly Bench[] = [interestSim];
