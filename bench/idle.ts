import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { atMost, type Bench } from "./harness/bench.ts";
import { startLoad } from "./harness/load.ts";
import { cpuMs, settledResidentKb } from "./harness/process-usage.ts";
import { type FanoutServer, PEERS, startPeer, startRelayServer, targetOf } from "./harness/servers.ts";
import { round } from "./harness/statistics.ts";

const SOCKETS = 10_000;
const SOCKETS_PER_FRIEND = 8;
const CONNECT_AT_ONCE = 64;
/** Enough to load all code that a connection needs, and too few to leave room behind for those that come. */
const WARM_UP_SOCKETS = 10;
const IDLE_MS = 3_000;
/** Descriptors for everything that is no socket. */
const OTHER_DESCRIPTORS = 500;

interface Idle {
  kb: number;
  connectMs: number;
  cpuPercent: number;
}

/** What a subscribed connection that hears nothing costs in memory. */
export const bench: Bench = {
  name: "idle",
  title: "memory per subscribed connection at 10 000",
  async run(tools) {
    const sockets = Math.min(SOCKETS, descriptorLimit() - OTHER_DESCRIPTORS);
    if (sockets < SOCKETS) tools.log(`only ${sockets} sockets: raise the limit of open files (ulimit -n) to ${SOCKETS + OTHER_DESCRIPTORS}`);
    // Of the GraphQL servers the one that takes the least.
    const peers = PEERS.filter(({ name }) => name === "raw ws" || name === "graphql-ws");
    const starts = [...peers.map((peer) => () => startPeer(peer)), () => startRelayServer(Math.ceil(SOCKETS / SOCKETS_PER_FRIEND), tools)];
    const measured: ({ server: string } & Idle)[] = [];
    for (const start of starts) {
      const server = await start();
      try {
        const result = await measure(server, sockets);
        measured.push({ server: server.name, ...result });
        tools.log(`${server.name}: ${round(result.kb)} kB per connection`);
      } finally {
        await server.stop();
      }
    }
    const kbOf = (name: string): number => measured.find(({ server }) => server === name)?.kb ?? NaN;
    return {
      bench: "idle",
      rows: measured.map(({ server, kb, connectMs, cpuPercent }) => ({ server, sockets, "kB per connection": round(kb), "CPU ms to connect": round(connectMs), "idle CPU %": round(cpuPercent) })),
      ratios: [
        atMost(`relay / raw ws, ${sockets} sockets`, kbOf("relay") / kbOf("raw ws"), 1.5),
        atMost(`relay, ${sockets} sockets`, kbOf("relay"), 25, "kB"),
      ],
    };
  },
};

async function measure(server: FanoutServer, sockets: number): Promise<Idle> {
  const load = await startLoad();
  try {
    const connect = (count: number) => load.ask("connect", { target: targetOf(server), tokens: server.tokens(count), atOnce: CONNECT_AT_ONCE });
    await connect(WARM_UP_SOCKETS);
    await load.ask("disconnect", undefined);
    const beforeKb = await settledResidentKb(server.pid);
    const connectingMs = cpuMs(server.pid);
    await connect(sockets);
    const connectMs = (cpuMs(server.pid) - connectingMs) / sockets;
    const afterKb = await settledResidentKb(server.pid);
    const startMs = cpuMs(server.pid);
    await sleep(IDLE_MS);
    return { kb: (afterKb - beforeKb) / sockets, connectMs, cpuPercent: ((cpuMs(server.pid) - startMs) / IDLE_MS) * 100 };
  } finally {
    await load.stop();
  }
}

function descriptorLimit(): number {
  return Number(/^Max open files\s+\d+\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "latin1"))?.[1]);
}
