import type { Bench } from "./harness/bench.ts";
import { seededRandom } from "../test/support/random.ts";
import { mean, percentile, round } from "./harness/statistics.ts";
import { deliveryCost, drawFriendCount, ENTRIES_PER_SECOND, ENTRIES_PER_USER_DAY, MAX_FRIENDS, MEDIAN_FRIENDS, PEAK, SEED, USERS } from "./scaling/model.ts";

const SAMPLED_AUTHORS = 10_000;
/** Most friendships stay in one's circle: a town, a school, a company. */
const CLUSTER_USERS = 2_000;
const SHARE_IN_CLUSTER = 0.85;

type Placement = "at random" | "by friend cluster";
interface Reach {
  friends: number[];
  processes: number[];
}

/** Which of many relay processes have to hear of an entry, when a million users are connected. The cost of each step is the one measured here. */
export const bench: Bench = {
  name: "interest-sim",
  title: "simulation: who must hear of an entry, 1 million connected users over K processes",
  async run({ log }) {
    const { deliveryUs, source } = deliveryCost();
    log(`${SAMPLED_AUTHORS} sampled authors, seed ${SEED}; ${round(ENTRIES_PER_SECOND)} entries a second at the peak (${ENTRIES_PER_USER_DAY} a day and user, peak ${PEAK} × average)`);
    log(`friends: median ${MEDIAN_FRIENDS}, at most ${MAX_FRIENDS}; ${SHARE_IN_CLUSTER * 100} % of them among ${CLUSTER_USERS} people`);
    log(`µs per delivery: ${round(deliveryUs)} (${source})`);

    const rows = [4, 16, 64, 256].flatMap((processes) =>
      (["at random", "by friend cluster"] as const).map((placement) => {
        const reach = simulate(processes, placement);
        const routed = ENTRIES_PER_SECOND * mean(reach.processes);
        const flooded = ENTRIES_PER_SECOND * processes;
        const deliveriesPerSecond = ENTRIES_PER_SECOND * mean(reach.friends);
        return {
          processes,
          "users placed": placement,
          "processes per entry": round(mean(reach.processes)),
          "p99": percentile(reach.processes, 0.99),
          "bus/s, all to all": round(flooded),
          "bus/s, routed": round(routed),
          "of all": `${round((routed / flooded) * 100)} %`,
          "in per process/s": round(routed / processes),
          "topics per process": topicsPerProcess(processes, placement, mean(reach.friends)),
          "deliveries per process/s": round(deliveriesPerSecond / processes),
          "core for deliveries": `${round(((deliveriesPerSecond / processes) * deliveryUs) / 10_000)} %`,
        };
      }),
    );
    return { bench: "interest-sim", rows, ratios: [] };
  },
};

function simulate(processes: number, placement: Placement): Reach {
  const random = seededRandom(SEED);
  const reach: Reach = { friends: [], processes: [] };
  for (let sample = 0; sample < SAMPLED_AUTHORS; sample++) {
    const author = Math.floor(random() * USERS);
    const friends = drawFriendCount(random);
    const reached = new Set([placeOf(author, processes, placement)]);
    for (let index = 0; index < friends; index++) reached.add(placeOf(drawFriend(author, random), processes, placement));
    reach.friends.push(friends);
    reach.processes.push(reached.size);
  }
  return reach;
}

function drawFriend(author: number, random: () => number): number {
  if (random() >= SHARE_IN_CLUSTER) return Math.floor(random() * USERS);
  return clusterOf(author) * CLUSTER_USERS + Math.floor(random() * CLUSTER_USERS);
}

function clusterOf(user: number): number {
  return Math.floor(user / CLUSTER_USERS);
}

function placeOf(user: number, processes: number, placement: Placement): number {
  return hash(placement === "at random" ? user : clusterOf(user)) % processes;
}

/** Spreads neighbours (Knuth's multiplicative hash, high bits). */
function hash(value: number): number {
  return (Math.imul(value + 1, 2_654_435_761) >>> 0) >>> 8;
}

/** Authors whom somebody on one process follows: what it asks the bus for. */
function topicsPerProcess(processes: number, placement: Placement, friends: number): number {
  const perProcess = USERS / processes;
  const strangers = placement === "at random" ? friends : friends * (1 - SHARE_IN_CLUSTER);
  const fromAfar = USERS * (1 - Math.exp((-perProcess * strangers) / USERS));
  return Math.round(placement === "at random" ? fromAfar : perProcess + (1 - perProcess / USERS) * fromAfar);
}
