import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

export interface SpawnedProcess {
  pid: number;
  child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** The next line of its standard output, as JSON. Throws with its complaints when it ends without one. */
  nextLine(): Promise<Record<string, unknown>>;
  /** Resolves when it is over; sends `signal` first, if given. */
  end(signal?: NodeJS.Signals): Promise<void>;
}

export interface SpawnOptions {
  uid?: number;
  gid?: number;
  env?: NodeJS.ProcessEnv;
  detached?: boolean;
}

/** Runs a TypeScript file in a process of its own, which speaks in lines of JSON. */
export function spawnProcess(file: string, args: string[], options: SpawnOptions = {}): SpawnedProcess {
  const child = spawn(process.execPath, ["--import", "tsx", file, ...args], {
    cwd: new URL("../..", import.meta.url), stdio: ["pipe", "pipe", "pipe"], ...options,
  });
  let complaints = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (complaints += text));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const exit = once(child, "exit");
  return {
    pid: child.pid as number,
    child,
    async nextLine() {
      const { done, value } = await lines.next();
      if (done === true) throw new Error(`${file} ended without a word:\n${complaints}`);
      return JSON.parse(value) as Record<string, unknown>;
    },
    async end(signal) {
      if (signal !== undefined) child.kill(signal);
      await exit;
    },
  };
}
