import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const NS_PER_MS = 1_000_000;

/**
 * What the kernel has accounted to the processes so far, user and system, all threads: utime and stime of /proc/<pid>/stat,
 * which come in steps of 10 ms, before they are rounded to those steps.
 */
export function cpuMs(...pids: number[]): number {
  return pids.flatMap(threadsOf).reduce((sum, folder) => sum + Number(readFileSync(`${folder}/schedstat`, "latin1").split(" ")[0]) / NS_PER_MS, 0);
}

function threadsOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}`);
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
