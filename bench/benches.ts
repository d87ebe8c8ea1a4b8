import type { Bench } from "./harness/bench.ts";
import { bench as append } from "./append.ts";
import { bench as catchUp } from "./catch-up.ts";
import { bench as crypto } from "./crypto.ts";
import { bench as fanoutBurst } from "./fanout-burst.ts";
import { bench as fanout } from "./fanout.ts";
import { bench as feedPage } from "./feed-page.ts";
import { bench as follow } from "./follow.ts";
import { bench as idle } from "./idle.ts";
import { bench as interestSim } from "./interest-sim.ts";
import { bench as latency } from "./latency.ts";
import { bench as workers } from "./workers.ts";

/** All benches, in the order in which they run: what needs a quiet machine comes first. */
export const benches: readonly Bench[] = [crypto, append, feedPage, latency, follow, fanout, fanoutBurst, catchUp, idle, workers, interestSim];
