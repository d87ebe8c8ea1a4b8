import { seedEntries } from "./harness/entries.ts";
import { atMost, type Bench } from "./harness/bench.ts";
import { type Load, startLoad } from "./harness/load.ts";
import { befriend, createMembers, type Member } from "./harness/people.ts";
import { cpuMs, residentKb, settledResidentKb } from "./harness/process-usage.ts";
import { type BenchRelay, startRelay } from "./harness/relay.ts";
import { RELAY_PATH, targetOf } from "./harness/servers.ts";
import { median, round } from "./harness/statistics.ts";
import { openStore } from "./harness/store.ts";

const AUTHORS = 20;
const MISSED = 10_000;
const READERS = 8;
const REPEATS = 2;
const TIMEOUT_MS = 120_000;
const SAMPLE_MS = 20;
const KB_PER_MB = 1_024;

interface CatchUp {
  ms: number;
  riseMb: number;
  sentMb: number;
  cpuUs: number;
}

/** Somebody comes back after 10 000 entries: how long until they have them all, and what that costs the relay in memory. */
export const bench: Bench = {
  name: "catch-up",
  title: "10 000 missed entries of 20 friends: time, and memory of the relay",
  async run(tools) {
    const relay = await startRelay(tools);
    const load = await startLoad();
    try {
      const { readers, after } = await seed(relay);
      tools.log(`${MISSED} entries are stored`);
      const runs: Record<number, CatchUp[]> = { 1: [], [READERS]: [] };
      await catchUp(relay, load, readers.slice(0, 1), after);
      for (let repeat = 0; repeat < REPEATS; repeat++) {
        for (const count of [1, READERS]) runs[count]?.push(await catchUp(relay, load, readers.slice(0, count), after));
      }
      tools.keep("runs", [runs]);
      const [one, all] = [summarise(runs[1] ?? []), summarise(runs[READERS] ?? [])];
      return {
        bench: "catch-up",
        rows: [toRow(1, one), toRow(READERS, all)],
        ratios: [
          atMost(`${MISSED} missed entries`, one.ms / 1_000, 5, "s"),
          atMost(`memory of the relay meanwhile, ${READERS} readers at once who are sent ${round(all.sentMb)} MB`, all.riseMb, 64, "MB"),
        ],
      };
    } finally {
      await load.stop();
      await relay.stop();
    }
  },
};

async function seed(relay: BenchRelay): Promise<{ readers: Member[]; after: { author: string; seq: number }[] }> {
  const store = await openStore(relay);
  const members = await createMembers(store, AUTHORS + READERS);
  const [authors, readers] = [members.slice(0, AUTHORS), members.slice(AUTHORS)];
  for (const author of authors) await befriend(store, author, readers);
  const after = await seedEntries(store, authors, MISSED / AUTHORS);
  await store.close();
  return { readers, after };
}

/** All of them at once, each over a new socket. */
async function catchUp(relay: BenchRelay, load: Load, readers: Member[], after: unknown[]): Promise<CatchUp> {
  const target = { ...targetOf({ ...relay, path: RELAY_PATH }), variables: { after } };
  const beforeKb = await settledResidentKb(relay.pid);
  let peakKb = beforeKb;
  const sampling = setInterval(() => (peakKb = Math.max(peakKb, residentKb(relay.pid))), SAMPLE_MS);
  await load.ask("reset", { withArrivals: false });
  const [startMs, cpuStartMs] = [performance.now(), cpuMs(relay.pid)];
  await load.ask("connect", { target, tokens: readers.map(({ token }) => token), atOnce: readers.length });
  // The first delivery of each is not counted; the word that they are caught up is.
  await load.ask("until", { deliveries: MISSED * readers.length, timeoutMs: TIMEOUT_MS });
  const ms = performance.now() - startMs;
  clearInterval(sampling);
  const { bytesReceived } = await load.ask("counts", undefined);
  await load.ask("disconnect", undefined);
  const cpuUs = ((cpuMs(relay.pid) - cpuStartMs) * 1_000) / (MISSED * readers.length);
  return { ms, riseMb: (peakKb - beforeKb) / KB_PER_MB, sentMb: bytesReceived / KB_PER_MB ** 2, cpuUs };
}

function summarise(runs: CatchUp[]): CatchUp {
  const of = (name: keyof CatchUp): number => median(runs.map((run) => run[name]));
  return { ms: of("ms"), riseMb: Math.max(...runs.map(({ riseMb }) => riseMb)), sentMb: of("sentMb"), cpuUs: of("cpuUs") };
}

function toRow(readers: number, { ms, riseMb, sentMb, cpuUs }: CatchUp): Record<string, string | number> {
  return { "readers at once": readers, "missed by each": MISSED, seconds: round(ms / 1_000), "entries/s": round((MISSED * readers * 1_000) / ms), "CPU µs an entry": round(cpuUs), "sent MB": round(sentMb), "memory rise MB": round(riseMb) };
}
