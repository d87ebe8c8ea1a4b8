import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const CHECKOUT = fileURLToPath(new URL("../..", import.meta.url));
/** Of Linux: the unit in which the kernel accounts for a process. */
const TICK_MS = 10;

/** A server in a process of its own. */
export interface ServerProcess {
  url: string;
  /** What its process has used of the processor so far. */
  cpuMs(): number;
  stop(): Promise<void>;
}

/** The relay as `npm start` runs it, with the limits of one person raised: all the load comes from one machine. */
export function startRelay(variables: Record<string, string>): Promise<ServerProcess> {
  const generous = { PEERBRAIN_APPENDS_PER_USER_MINUTE: "1000000", PEERBRAIN_READS_PER_MINUTE: "1000000", PEERBRAIN_PORT: "0", PEERBRAIN_PLAYGROUND: "off" };
  return startServer(["dist/bin.js", "serve"], { ...generous, ...variables });
}

/** A peer: a file of bench/peers that prints the address it listens at. */
export function startPeer(file: string, variables: Record<string, string>): Promise<ServerProcess> {
  return startServer(["--import", "tsx", `bench/peers/${file}`], variables);
}

async function startServer(command: string[], variables: Record<string, string>): Promise<ServerProcess> {
  const child = spawn(process.execPath, command, { cwd: CHECKOUT, env: { PATH: process.env["PATH"], ...variables }, stdio: ["ignore", "pipe", "pipe"] });
  const errors: string[] = [];
  // What a server logs costs it what it costs everywhere; here nobody keeps more than the reason why it did not start.
  child.stderr.setEncoding("utf8").on("data", (text: string) => errors.length < 20 && errors.push(text));
  const url = await readUrl(child);
  if (url === undefined) throw new Error(`${command.join(" ")} did not start:\n${errors.join("")}`);
  return {
    url,
    cpuMs: () => readCpuMs(child.pid as number),
    async stop() {
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      await exited;
    },
  };
}

async function readUrl({ stdout }: ChildProcess): Promise<string | undefined> {
  if (!stdout) return undefined;
  for await (const line of createInterface({ input: stdout })) {
    const url = /\bhttp:\/\/\S+\/graphql\b/.exec(line)?.[0];
    if (url !== undefined) return url;
  }
  return undefined;
}

function readCpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
