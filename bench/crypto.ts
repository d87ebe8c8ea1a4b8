import { atMost, type Bench } from "./harness/bench.ts";
import { round } from "./harness/statistics.ts";
import { createCryptoTasks } from "./crypto/tasks.ts";

const BATCHES = 25;
const BATCH_MS = 25;

/** What our own code costs around libsodium: the same work done by the SDK's functions and by bare calls, in turn. */
export const bench: Bench = {
  name: "crypto",
  title: "verify and open, write a thought, make and open a grant: SDK against bare libsodium calls",
  async run({ log, keep }) {
    const measured = (await createCryptoTasks()).map(({ name, calls, ours, bare }) => {
      const repeats = calibrate(bare);
      const samples = Array.from({ length: BATCHES }, () => ({ oursUs: time(ours, repeats), bareUs: time(bare, repeats) }));
      keep(name, samples);
      // Whatever else the machine does only ever adds: the quickest batch is the one to compare.
      const oursUs = Math.min(...samples.map((sample) => sample.oursUs));
      const bareUs = Math.min(...samples.map((sample) => sample.bareUs));
      log(`${name}: ${round(oursUs)} µs, of which libsodium ${round(bareUs)} µs`);
      return { name, calls, oursUs, bareUs };
    });
    return {
      bench: "crypto",
      rows: measured.map(({ name, calls, oursUs, bareUs }) => ({ task: name, "libsodium calls": calls, "SDK µs": round(oursUs), "bare µs": round(bareUs), ratio: round(oursUs / bareUs) })),
      ratios: measured.map(({ name, oursUs, bareUs }) => atMost(`${name}: SDK / bare libsodium`, oursUs / bareUs, 1.15)),
    };
  },
};

/** µs of one call. */
function time(work: () => void, repeats: number): number {
  const startMs = performance.now();
  for (let count = 0; count < repeats; count++) work();
  return ((performance.now() - startMs) * 1_000) / repeats;
}

/** How often in a batch, so that a batch is long enough to be timed and short enough to be left alone. Warms up, too. */
function calibrate(work: () => void): number {
  const usEach = time(work, 50);
  return Math.max(5, Math.round((BATCH_MS * 1_000) / usEach));
}
