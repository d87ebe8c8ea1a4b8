import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A relay in a process of its own, as `npm start` runs it. */
export interface RelayProcess {
  pid: number;
  /** Of the API. */
  url: string;
  wsUrl: string;
  /** Scheme, host and port. */
  origin: string;
  /** What it logged so far. */
  readonly log: string;
  signal(signal: NodeJS.Signals): void;
  /** Resolves when it is over. */
  exited: Promise<{ exitCode: number | null; signal: NodeJS.Signals | null }>;
}

const CHECKOUT = fileURLToPath(new URL("../..", import.meta.url));

/** Starts a relay on a data folder and resolves when it is ready. Throws with its log when it ends instead. */
export async function startRelayProcess(dataFolder: string, variables: Record<string, string> = {}, options: string[] = []): Promise<RelayProcess> {
  const child = spawn(process.execPath, ["dist/bin.js", "serve", ...options], {
    cwd: CHECKOUT,
    env: { PATH: process.env["PATH"], PEERBRAIN_DATA: dataFolder, PEERBRAIN_PORT: "0", ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));
  const exited = once(child, "exit").then(([exitCode, signal]) => ({ exitCode: exitCode as number | null, signal: signal as NodeJS.Signals | null }));
  const url = await readApiUrl(child);
  if (url === undefined) throw new Error(`the relay did not start:\n${log}`);
  return {
    pid: child.pid as number,
    url,
    wsUrl: url.replace(/^http/, "ws"),
    origin: new URL(url).origin,
    get log() {
      return log;
    },
    signal: (signal) => void child.kill(signal),
    exited,
  };
}

/** The API's address in what a relay prints for people; undefined when its output ends without one. */
export async function readApiUrl({ stdout }: ChildProcess): Promise<string | undefined> {
  if (!stdout) return undefined;
  for await (const line of createInterface({ input: stdout })) {
    const url = /^ +API +(\S+)$/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  return undefined;
}
