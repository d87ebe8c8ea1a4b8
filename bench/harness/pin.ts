import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";

const SERVER_CORE = "0";
const LOAD_CORE = "1";

/**
 * Puts a server and whoever loads it on a core each, with all their threads: else the scheduler decides what a figure is.
 * Does nothing where there is one core or no taskset.
 */
export function pinApart({ serverPid, loadPid }: { serverPid: number; loadPid: number }): void {
  if (availableParallelism() < 2) return;
  for (const [pid, core] of [[serverPid, SERVER_CORE], [loadPid, LOAD_CORE]] as const) spawnSync("taskset", ["-acp", core, String(pid)]);
}
