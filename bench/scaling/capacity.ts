import { format } from "../harness/report.ts";
import { round } from "../harness/statistics.ts";
import { ENTRIES_PER_SECOND, ENTRIES_PER_USER_DAY, findFigure, meanFriends, PEAK, USERS } from "./model.ts";

/** Of the cores that deliver and append, how much may be used at the peak: the rest is for those who come back and for a process that is gone. */
const LOAD_SHARE = 0.5;
const SOCKETS_PER_PROCESS = 20_000;
/** A thought with its receipt, its row and its share of four indexes; an estimate. */
const STORED_KB = 1.3;
/** What V8 gives one process's objects, and what a service is usually allowed to open. */
const PROCESS_GB = 4;
const OPEN_FILES = 65_536;
const RECONNECT_SECONDS = 60;

type Line = { question: string; arithmetic: string; result: string };

const isRelay = (row: Record<string, string | number>): boolean => row["server"] === "relay";

/** What a million connected users need, from what one process was measured to do. */
export function planCapacity(): Line[] {
  const deliveryUs = findFigure("fanout", "µs net", (row) => isRelay(row) && row["sockets"] === 3_000);
  const appendUs = findFigure("append", "server CPU µs", isRelay);
  const kb = findFigure("idle", "kB per connection", isRelay);
  const connectMs = findFigure("idle", "CPU ms to connect", isRelay);
  const routed = findFigure("interest-sim", "bus/s, routed", (row) => row["processes"] === 64 && row["users placed"] === "by friend cluster");
  const flooded = findFigure("interest-sim", "bus/s, all to all", (row) => row["processes"] === 64);
  const friends = meanFriends();
  const deliveries = ENTRIES_PER_SECOND * friends;
  const processes = USERS / SOCKETS_PER_PROCESS;
  return [
    { question: "entries at the peak", arithmetic: `${USERS} users × ${ENTRIES_PER_USER_DAY} a day ÷ 86 400 s × ${PEAK}`, result: `${n(ENTRIES_PER_SECOND)}/s` },
    { question: "deliveries at the peak", arithmetic: `× ${n(friends)} friends on average, all connected`, result: `${n(deliveries)}/s` },
    { question: "cores that deliver", ...cores(deliveries, deliveryUs, "fanout") },
    { question: "cores that append", ...cores(ENTRIES_PER_SECOND, appendUs, "append") },
    { question: "memory of connections", ...times(kb, USERS / 1_000_000, "idle", (value) => `${USERS} × ${n(value)} kB`, "GB") },
    { question: "processes", arithmetic: `${SOCKETS_PER_PROCESS} sockets each`, result: n(processes) },
    { question: "one process's core at the peak", ...share(deliveries / processes, deliveryUs) },
    { question: "a process is gone, its sockets come back", ...comeBack(connectMs, processes) },
    { question: "messages on the bus, all to all", arithmetic: "64 processes, interest-sim", result: flooded === undefined ? missing("interest-sim") : `${n(flooded)}/s` },
    { question: "messages on the bus, routed", arithmetic: "by author, users placed by friend cluster", result: routed === undefined ? missing("interest-sim") : `${n(routed)}/s` },
    { question: "reads of the store because of them", arithmetic: "one for each process where somebody follows the author", result: routed === undefined ? missing("interest-sim") : `${n(routed)}/s` },
    { question: "growth of the store", arithmetic: `${USERS} × ${ENTRIES_PER_USER_DAY} a day × ${STORED_KB} kB (estimate)`, result: `${n((USERS * ENTRIES_PER_USER_DAY * STORED_KB) / 1e6)} GB a day` },
  ];
}

/** How many connected users one process can have by each of what it needs, the scarcest first. */
export function planSaturation(): Record<string, string | number>[] {
  const deliveryUs = findFigure("fanout", "µs net", (row) => isRelay(row) && row["sockets"] === 3_000);
  const appendUs = findFigure("append", "server CPU µs", isRelay);
  const kb = findFigure("idle", "kB per connection", isRelay);
  if (deliveryUs === undefined || appendUs === undefined || kb === undefined) return [{ resource: missing("fanout append idle") }];
  const perUserUs = (ENTRIES_PER_SECOND / USERS) * (meanFriends() * deliveryUs + appendUs);
  const limits = [
    { resource: `its core, ${LOAD_SHARE * 100} % used at the peak`, "takes of each user": `${n(perUserUs)} µs a second`, users: (LOAD_SHARE * 1e6) / perUserUs },
    { resource: `memory, ${PROCESS_GB} GB`, "takes of each user": `${n(kb)} kB`, users: (PROCESS_GB * 1e6) / kb },
    { resource: `open files, ${OPEN_FILES} (ulimit -n)`, "takes of each user": "1", users: OPEN_FILES },
  ];
  return limits.sort((one, other) => one.users - other.users).map((limit) => ({ ...limit, users: Math.round(limit.users) }));
}

function cores(perSecond: number, us: number | undefined, bench: string): Omit<Line, "question"> {
  if (us === undefined) return { arithmetic: "", result: missing(bench) };
  return { arithmetic: `${n(perSecond)}/s × ${n(us)} µs ÷ ${LOAD_SHARE * 100} %`, result: n((perSecond * us) / 1e6 / LOAD_SHARE) };
}

function times(value: number | undefined, factor: number, bench: string, arithmetic: (value: number) => string, unit: string): Omit<Line, "question"> {
  return value === undefined ? { arithmetic: "", result: missing(bench) } : { arithmetic: arithmetic(value), result: `${n(value * factor)} ${unit}` };
}

function share(perSecond: number, us: number | undefined): Omit<Line, "question"> {
  if (us === undefined) return { arithmetic: "", result: missing("fanout") };
  return { arithmetic: `${n(perSecond)} deliveries/s × ${n(us)} µs`, result: `${n((perSecond * us) / 1e4)} %` };
}

function comeBack(ms: number | undefined, processes: number): Omit<Line, "question"> {
  if (ms === undefined) return { arithmetic: "", result: missing("idle") };
  const others = processes - 1;
  const percent = ((SOCKETS_PER_PROCESS * ms) / (RECONNECT_SECONDS * 1_000) / others) * 100;
  return { arithmetic: `${SOCKETS_PER_PROCESS} × ${n(ms)} ms of CPU over ${n(others)} others within ${RECONNECT_SECONDS} s`, result: `${n(percent)} % of a core each` };
}

function missing(bench: string): string {
  return `run ${bench}`;
}

function n(value: number): string {
  return format(round(value));
}
