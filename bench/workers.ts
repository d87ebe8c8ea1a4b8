import { readdirSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import type { Bench } from "./harness/bench.ts";
import { type Crowd, startCrowd } from "./harness/crowd.ts";
import { type Load, startLoad } from "./harness/load.ts";
import { cpuMs } from "./harness/process-usage.ts";
import { RelayDidNotStart } from "./harness/relay.ts";
import { RELAY_PATH, targetOf } from "./harness/servers.ts";
import { round } from "./harness/statistics.ts";
import { type Step, Writer } from "./harness/writer.ts";

const SOCKETS = 1_500;
const FRIENDS = 500;
const WARM_UP_ROUNDS = 10;
const ROUNDS = 40;
/** How far writing may be ahead of delivering, so that the relay always has work. */
const ROUNDS_AHEAD = 4;
const ENTRIES = 8;
const TIMEOUT_MS = 120_000;

interface Throughput {
  perSecond: number;
  usPerDelivery: number;
  /** Of one core. */
  relayCores: number;
  loadCores: number;
  machineBusy: number;
}

/** What a second process adds, where one is kept busy. A report: how far it goes is up to the machine, which feeds the load as well. */
export const bench: Bench = {
  name: "workers",
  title: `as many deliveries as go, to ${SOCKETS} sockets: 1 process and 2`,
  async run(tools) {
    const rows: Record<string, string | number>[] = [];
    const measured: Throughput[] = [];
    for (const processes of [1, 2]) {
      const throughput = await measureProcesses(processes, tools);
      if (throughput === undefined) {
        rows.push({ processes, "deliveries/s": "not available: this relay has no --workers" });
        continue;
      }
      measured.push(throughput);
      rows.push(toRow(processes, throughput));
    }
    const [one, two] = measured;
    if (one && two) {
      tools.log(`2 processes deliver ${round(two.perSecond / one.perSecond)} × as much as 1. ${explain(two)}`);
      rows.push({ processes: "2 against 1", "deliveries/s": `${round(two.perSecond / one.perSecond)} ×`, "limited by": explain(two) });
    }
    return { bench: "workers", rows, ratios: [] };
  },
};

/** Undefined when the relay does not take the option. */
async function measureProcesses(processes: number, tools: { log(line: string): void }): Promise<Throughput | undefined> {
  try {
    const crowd = await startCrowd(FRIENDS, tools, processes === 1 ? [] : ["--workers", String(processes)]);
    try {
      return await measure(crowd);
    } finally {
      await crowd.stop();
    }
  } catch (error) {
    if (error instanceof RelayDidNotStart && processes > 1) return undefined;
    throw error;
  }
}

async function measure(crowd: Crowd): Promise<Throughput> {
  const load = await startLoad();
  try {
    const writer = new Writer(crowd.author);
    const steps = Array.from({ length: WARM_UP_ROUNDS + ROUNDS }, () => writer.beacons(ENTRIES));
    await load.ask("connect", { target: targetOf({ ...crowd.relay, path: RELAY_PATH }), tokens: crowd.tokens(SOCKETS), atOnce: 32 });
    await deliver(crowd, load, writer, steps.splice(0, WARM_UP_ROUNDS));

    const relayPids = processesOf(crowd.relay.pid);
    const look = () => ({ ms: performance.now(), relay: cpuMs(...relayPids), load: cpuMs(load.pid), machine: machineTimes() });
    const before = look();
    await deliver(crowd, load, writer, steps);
    const after = look();

    const ms = after.ms - before.ms;
    const deliveries = ROUNDS * ENTRIES * SOCKETS;
    return {
      perSecond: (deliveries * 1_000) / ms,
      usPerDelivery: ((after.relay - before.relay) * 1_000) / deliveries,
      relayCores: (after.relay - before.relay) / ms,
      loadCores: (after.load - before.load) / ms,
      machineBusy: (after.machine.busy - before.machine.busy) / (after.machine.all - before.machine.all),
    };
  } finally {
    await load.stop();
  }
}

/** Sends a round as soon as the one before is stored, and stays a few rounds ahead of the deliveries: nobody waits, nobody overflows. */
async function deliver({ relay }: Crowd, load: Load, writer: Writer, steps: Step[]): Promise<void> {
  await load.ask("reset", { withArrivals: false });
  const until = (rounds: number) => load.ask("until", { deliveries: rounds * ENTRIES * SOCKETS, timeoutMs: TIMEOUT_MS });
  for (const [index, step] of steps.entries()) {
    await writer.send(relay, step);
    await until(Math.max(0, index + 1 - ROUNDS_AHEAD));
  }
  await until(steps.length);
}

/** The relay's process and those it started; the database is none of them. */
function processesOf(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, "latin1").split(" "));
  const below = children.filter((child) => child.trim() !== "").flatMap((child) => processesOf(Number(child)));
  return readFileSync(`/proc/${pid}/comm`, "latin1").startsWith("node") ? [pid, ...below] : below;
}

function machineTimes(): { busy: number; all: number } {
  const times = cpus().map((cpu) => cpu.times);
  const all = times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0);
  return { all, busy: all - times.reduce((sum, { idle }) => sum + idle, 0) };
}

function toRow(processes: number, measured: Throughput): Record<string, string | number> {
  return {
    ...{ processes, "deliveries/s": round(measured.perSecond), "CPU µs a delivery": round(measured.usPerDelivery), "relay cores": round(measured.relayCores) },
    ...{ "load cores": round(measured.loadCores), "machine busy": `${round(measured.machineBusy * 100)} %`, "limited by": explain(measured) },
  };
}

/** What had no room left. */
function explain({ relayCores, loadCores, machineBusy }: Throughput): string {
  const others = Math.max(0, machineBusy * cpus().length - relayCores - loadCores);
  if (machineBusy > 0.8) return `the machine: of ${cpus().length} cores the relay had ${round(relayCores)}, the load ${round(loadCores)}, database and others ${round(others)}`;
  if (loadCores > 0.9) return "the load, which has one core";
  if (relayCores > 0.9) return "the relay's processes";
  return "appending: the author waits for each mutation";
}
