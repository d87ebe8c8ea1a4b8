import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const UTIME_FIELD = 11;
const STIME_FIELD = 12;

/** Ticks of the kernel's accounting, a second. */
const ticksPerSecond = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));

/** What the kernel has accounted to the processes so far, user and system, all threads. */
export function cpuMs(...pids: number[]): number {
  return pids.reduce((sum, pid) => sum + cpuMsOf(pid), 0);
}

function cpuMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  // The name of the program stands in parentheses and may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return ((Number(fields[UTIME_FIELD]) + Number(fields[STIME_FIELD])) * 1000) / ticksPerSecond;
}

/** Resident memory now, in kB. */
export function residentKb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]);
}

/** Resident memory once it stops shrinking or growing. */
export async function settledResidentKb(pid: number): Promise<number> {
  let before = residentKb(pid);
  for (let round = 0; round < 6; round++) {
    await sleep(1_000);
    const now = residentKb(pid);
    if (Math.abs(now - before) < before / 200) return now;
    before = now;
  }
  return before;
}
