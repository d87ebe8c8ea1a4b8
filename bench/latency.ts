import { setTimeout as sleep } from "node:timers/promises";
import { createThoughtService } from "../src/domain/chain/thought-service.ts";
import { parseBase64url } from "../src/protocol/index.ts";
import { atMost, type Bench } from "./harness/bench.ts";
import { type Crowd, startCrowd } from "./harness/crowd.ts";
import { timeStatements } from "./harness/database-time.ts";
import { type Load, startLoad } from "./harness/load.ts";
import { RELAY_PATH, targetOf } from "./harness/servers.ts";
import { mean, median, percentile, round } from "./harness/statistics.ts";
import { clock } from "./harness/store.ts";
import { Writer } from "./harness/writer.ts";

const FRIENDS = 500;
const WARM_UP = 40;
const PACED = 40;
const MAX_THOUGHTS = 250;
const MAX_MS = 15_000;
const DATABASE_SAMPLES = 60;
const TIMEOUT_MS = 60_000;

/** How long a friend waits for a thought, when the relay has half of the work that it can do. */
export const bench: Bench = {
  name: "latency",
  title: "createThought due → frame received, 500 friends, at half load",
  async run(tools) {
    const crowd = await startCrowd(FRIENDS, tools);
    const load = await startLoad();
    try {
      const databaseMs = await timeDatabase(crowd);
      await load.ask("connect", { target: targetOf({ ...crowd.relay, path: RELAY_PATH }), tokens: crowd.tokens(FRIENDS), atOnce: 32 });
      const writer = new Writer(crowd.author);
      await writeInTurn(crowd, load, writer, WARM_UP);
      const turnMs = mean(await writeInTurn(crowd, load, writer, PACED));
      const byThought = await writeAtPace(crowd, load, writer, 2 * turnMs);
      const latenciesMs = byThought.flat();
      const [firstMs, lastMs] = [byThought.map((ofOne) => Math.min(...ofOne)), byThought.map((ofOne) => Math.max(...ofOne))];
      tools.keep("latencies in ms", latenciesMs);
      tools.keep("database in ms", databaseMs);

      const [appendMs, p99] = [median(databaseMs), percentile(latenciesMs, 0.99)];
      const limitMs = round(3 * appendMs + 5);
      tools.log(`one after the other a thought takes ${round(turnMs)} ms until all have it: half load is ${round(500 / turnMs)} thoughts a second`);
      return {
        bench: "latency",
        rows: [
          {
            ...{ friends: FRIENDS, "thoughts/s": round(500 / turnMs), deliveries: latenciesMs.length },
            ...{ "p50 ms": round(median(latenciesMs)), "p99 ms": round(p99), "max ms": round(percentile(latenciesMs, 1)) },
            ...{ "first friend p50 ms": round(median(firstMs)), "first friend p99 ms": round(percentile(firstMs, 0.99)), "last friend p50 ms": round(median(lastMs)) },
            ...{ "database p50 ms": round(appendMs), "database p99 ms": round(percentile(databaseMs, 0.99)) },
          },
        ],
        ratios: [atMost(`p99; the limit is 3 × the append's database time (${round(appendMs)} ms) + 5 ms`, p99, limitMs, "ms")],
      };
    } finally {
      await load.stop();
      await crowd.stop();
    }
  },
};

/** What the statements of one append take, on the same database, while nothing else runs. */
async function timeDatabase({ store, lonely }: Crowd): Promise<number[]> {
  const { unitOfWork, receiptSigner } = store;
  const bus = { publish: () => undefined, subscribe: () => () => undefined };
  const limits = { maxFriends: 1_000, maxPageBytes: 1_048_576, maxEntriesPerMutation: 8 };
  const thoughts = createThoughtService({ unitOfWork, bus, limits, receiptSigner, clock, restorations: 0 });
  const writer = new Writer(lonely);
  const viewer = { userId: lonely.userId, sessionId: new Uint8Array(16) };
  const samples: number[] = [];
  for (let count = 0; count < 2 * DATABASE_SAMPLES; count++) {
    const bytes = parseBase64url(entryOf(writer.thought(`To nobody, number ${count}.`).body));
    samples.push(await timeStatements(() => thoughts.create(viewer, bytes)));
  }
  if (median(samples) === 0) throw new Error("the statements of an append were not seen");
  return samples.slice(DATABASE_SAMPLES);
}

function entryOf(body: string): string {
  return (JSON.parse(body) as { variables: { input: { entry: string } } }).variables.input.entry;
}

/** Each thought once the one before has reached everybody. Milliseconds of each. */
async function writeInTurn({ relay }: Crowd, load: Load, writer: Writer, count: number): Promise<number[]> {
  const steps = Array.from({ length: count }, (_, index) => writer.thought(`Thought ${index} of many.`));
  await load.ask("reset", { withArrivals: false });
  const turnsMs: number[] = [];
  for (const [index, step] of steps.entries()) {
    const startMs = performance.now();
    await Promise.all([writer.send(relay, step), load.ask("until", { deliveries: (index + 1) * FRIENDS, timeoutMs: TIMEOUT_MS })]);
    turnsMs.push(performance.now() - startMs);
  }
  return turnsMs;
}

/**
 * A thought every so often, and as soon as the one before is stored: an author has one append under way. For each thought,
 * milliseconds from when it was due to each of its deliveries, so that a relay that is slow once is not spared by what it delays.
 */
async function writeAtPace({ relay }: Crowd, load: Load, writer: Writer, paceMs: number): Promise<number[][]> {
  const count = Math.max(30, Math.min(MAX_THOUGHTS, Math.floor(MAX_MS / paceMs)));
  const steps = Array.from({ length: count }, (_, index) => writer.thought(`Thought ${index} at its pace.`));
  const dueUs = new Map<number, number>();
  await load.ask("reset", { withArrivals: true });
  const startMs = performance.now();
  let sending = Promise.resolve();
  for (const [index, step] of steps.entries()) {
    await sleep(Math.max(0, startMs + index * paceMs - performance.now()));
    dueUs.set(step.seq, Number(process.hrtime.bigint() / 1000n));
    sending = sending.then(() => writer.send(relay, step));
    sending.catch(() => undefined);
  }
  await Promise.all([sending, load.ask("until", { deliveries: count * FRIENDS, timeoutMs: TIMEOUT_MS })]);
  const arrivals = await load.ask("arrivals", undefined);
  const byThought = new Map<number, number[]>();
  for (let index = 0; index < arrivals.length; index += 2) {
    const [seq, arrivedUs] = [arrivals[index] as number, arrivals[index + 1] as number];
    const ofOne = byThought.get(seq) ?? [];
    byThought.set(seq, ofOne);
    ofOne.push((arrivedUs - (dueUs.get(seq) ?? NaN)) / 1_000);
  }
  return [...byThought.values()];
}
