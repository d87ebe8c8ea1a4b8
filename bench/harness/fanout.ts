import type { BenchResult, BenchTools, Ratio } from "./bench.ts";
import { type Load, startLoad } from "./load.ts";
import { pinApart } from "./pin.ts";
import { cpuMs } from "./process-usage.ts";
import { type FanoutServer, PEERS, startPeer, startRelayServer, targetOf } from "./servers.ts";
import { median, round } from "./statistics.ts";

export interface FanoutPlan {
  bench: string;
  entriesPerRound: number;
  /** `rounds` are those of one window. */
  sizes: { sockets: number; rounds: number }[];
  /** From µs per delivery, without what publishing costs; `graphql` is the best of those peers. */
  ratios(sockets: number, us: { relay: number; raw: number; graphql: number }): Ratio[];
}

interface Measured {
  server: string;
  kind: FanoutServer["kind"];
  sockets: number;
  /** Server CPU per delivery, with and without what the same rounds cost when nobody hears them. */
  usRaw: number;
  usNet: number;
  /** Server CPU of one round that nobody hears. */
  publishMs: number;
  frameBytes: number;
  /** CPU of the load per delivery. */
  loadUs: number;
  windows: Window[];
}

interface Window {
  unheardMs: number;
  heardMs: number;
  loadMs: number;
}

const FRIENDS = 1_000;
const WINDOWS = 4;
const CONNECT_AT_ONCE = 64;
const ROUND_TIMEOUT_MS = 60_000;
/** So that every server runs compiled code before the clock does: what happens once for each entry, too. */
const WARM_UP_ROUNDS = 100;
/** And no more than this many deliveries, of which the slowest servers make ten thousand a second. */
const WARM_UP_DELIVERIES = 50_000;

/** Every server alike: the same load, the same frames, one round after the other, each delivered to all before the next. */
export async function measureFanout(tools: BenchTools, plan: FanoutPlan): Promise<BenchResult> {
  const measured: Measured[] = [];
  const starts = [...PEERS.map((peer) => () => startPeer(peer)), () => startRelayServer(FRIENDS, tools)];
  for (const start of starts) {
    const server = await start();
    try {
      for (const size of plan.sizes) {
        const result = await measureServer(server, plan.entriesPerRound, size);
        measured.push(result);
        tools.log(`${server.name}, ${size.sockets} sockets: ${round(result.usNet)} µs per delivery`);
      }
    } finally {
      await server.stop();
    }
  }
  tools.keep("measured", measured);
  return { bench: plan.bench, rows: measured.map(toRow), ratios: plan.sizes.flatMap(({ sockets }) => plan.ratios(sockets, compare(measured, sockets))) };
}

async function measureServer(server: FanoutServer, entries: number, { sockets, rounds }: { sockets: number; rounds: number }): Promise<Measured> {
  const load = await startLoad();
  pinApart({ serverPid: server.pid, loadPid: load.pid });
  const perRound = sockets * entries;
  try {
    const warmUpRounds = Math.min(WARM_UP_ROUNDS, Math.ceil(WARM_UP_DELIVERIES / perRound));
    const published = warmUpRounds + rounds * WINDOWS;
    server.prepare({ everybody: published, nobody: published }, entries);
    await load.ask("connect", { target: targetOf(server), tokens: server.tokens(sockets), atOnce: CONNECT_AT_ONCE });
    await measureWindow(server, load, warmUpRounds, perRound);
    const windows: Window[] = [];
    for (let window = 0; window < WINDOWS; window++) windows.push(await measureWindow(server, load, rounds, perRound));
    const { bytesReceived, deliveries } = await load.ask("counts", undefined);

    const toUs = (ms: number): number => (ms * 1_000) / (rounds * perRound);
    return {
      ...{ server: server.name, kind: server.kind, sockets, windows },
      usRaw: toUs(median(windows.map(({ heardMs }) => heardMs))),
      usNet: toUs(median(windows.map(({ heardMs, unheardMs }) => heardMs - unheardMs))),
      publishMs: median(windows.map(({ unheardMs }) => unheardMs)) / rounds,
      loadUs: toUs(median(windows.map(({ loadMs }) => loadMs))),
      frameBytes: Math.round(bytesReceived / deliveries),
    };
  } finally {
    await load.stop();
  }
}

/** The same rounds twice, with all sockets open: for nobody, which is what publishing costs, and for everybody. */
async function measureWindow(server: FanoutServer, load: Load, rounds: number, deliveriesPerRound: number): Promise<Window> {
  const startMs = cpuMs(server.pid);
  for (let done = 0; done < rounds; done++) await server.publish("nobody");
  await load.ask("reset", { withArrivals: false });
  const [heardFromMs, loadFromMs] = [cpuMs(server.pid), cpuMs(load.pid)];
  for (let next = 1; next <= rounds; next++) {
    const all = load.ask("until", { deliveries: next * deliveriesPerRound, timeoutMs: ROUND_TIMEOUT_MS });
    await Promise.all([server.publish("everybody"), all]);
  }
  return { unheardMs: heardFromMs - startMs, heardMs: cpuMs(server.pid) - heardFromMs, loadMs: cpuMs(load.pid) - loadFromMs };
}

function compare(measured: Measured[], sockets: number): { relay: number; raw: number; graphql: number } {
  const us = (kind: FanoutServer["kind"]): number => Math.min(...measured.filter((one) => one.sockets === sockets && one.kind === kind).map(({ usNet }) => usNet));
  return { relay: us("relay"), raw: us("raw"), graphql: us("graphql") };
}

function toRow({ server, sockets, usNet, usRaw, publishMs, frameBytes, loadUs }: Measured): Record<string, string | number> {
  return { server, sockets, "µs net": round(usNet), "µs with publishing": round(usRaw), "publishing ms": round(publishMs), "bytes a frame": frameBytes, "load µs": round(loadUs) };
}
