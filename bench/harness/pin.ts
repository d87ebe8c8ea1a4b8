import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";

const SERVER_CORE = "0";
const OTHER_CORE = "1";

/** Puts a server on a core of its own, away from whoever loads it: else the scheduler decides what a figure is. */
export interface Pinning {
  /** All threads of the server; what it started before, such as its database, stays where it is. */
  pinServer(pid: number): void;
  /** Lets this process run anywhere again. */
  end(): void;
}

/** Moves this process, and so all that it starts from now on, to another core. Does nothing where there is one core or no taskset. */
export function startPinning(log: (line: string) => void): Pinning {
  const before = spawnSync("taskset", ["-p", String(process.pid)], { encoding: "utf8" });
  const mask = /: ([0-9a-f]+)\s*$/.exec(before.stdout ?? "")?.[1];
  if (mask === undefined || availableParallelism() < 2) {
    log("no cores to keep apart (taskset is missing, or there is one core): expect the figures to vary");
    return { pinServer: () => undefined, end: () => undefined };
  }
  const pin = (pid: number, core: string): void => void spawnSync("taskset", ["-acp", core, String(pid)]);
  pin(process.pid, OTHER_CORE);
  return {
    pinServer: (pid) => pin(pid, SERVER_CORE),
    end: () => void spawnSync("taskset", ["-ap", mask, String(process.pid)]),
  };
}
