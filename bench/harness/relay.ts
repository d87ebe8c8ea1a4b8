import { spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { buildIfOlder } from "../../scripts/build-if-older.ts";
import { root } from "../../scripts/run.ts";
import { createTemporaryFolder } from "../../test/support/folders.ts";
import { readApiUrl } from "../../test/support/relay-process.ts";

/** The relay that `npm start` runs, in a process of its own on a data folder of its own. */
export interface BenchRelay {
  pid: number;
  url: string;
  host: string;
  port: number;
  dataFolder: string;
  /** Stops it and forgets all it held. */
  stop(): Promise<void>;
}

/** Limits that protect a relay against one client; here one machine is all the clients. Everything else is as it is initially. */
const RAISED_LIMITS = {
  PEERBRAIN_MAX_SOCKETS_PER_ADDRESS: "1000000",
  PEERBRAIN_MAX_SOCKETS_PER_USER: "64",
  PEERBRAIN_APPENDS_PER_USER_MINUTE: "1000000",
  PEERBRAIN_READS_PER_MINUTE: "1000000",
  PEERBRAIN_ACCESS_TOKEN_SECONDS: "7200",
  PEERBRAIN_CONNECTION_INIT_MS: "60000",
};

export const ACCESS_TOKEN_SECONDS = Number(RAISED_LIMITS.PEERBRAIN_ACCESS_TOKEN_SECONDS);

/** Throws with the end of its log when it does not start. */
export async function startRelay({ log, options = [] }: { log(line: string): void; options?: string[] }): Promise<BenchRelay> {
  buildIfOlder(log);
  const folder = await createTemporaryFolder();
  const dataFolder = join(folder.path, "data");
  const logPath = join(folder.path, "relay.log");
  const child = spawn(process.execPath, ["dist/bin.js", "serve", ...options], {
    cwd: root,
    env: { PATH: process.env["PATH"], PEERBRAIN_DATA: dataFolder, PEERBRAIN_PORT: "0", ...RAISED_LIMITS },
    stdio: ["ignore", "pipe", openSync(logPath, "a")],
  });
  // Whoever interrupts a bench does not look for what it started.
  const end = (): void => void child.kill("SIGTERM");
  process.once("exit", end);
  const url = await readApiUrl(child);
  if (url === undefined) {
    const lastWords = readFileSync(logPath, "utf8").slice(-2_000);
    process.off("exit", end);
    await folder.remove();
    throw new RelayDidNotStart(`the relay did not start: ${lastWords}`);
  }
  const { hostname, port } = new URL(url);
  return {
    pid: child.pid as number,
    url,
    host: hostname,
    port: Number(port),
    dataFolder,
    async stop() {
      const exited = child.exitCode === null ? once(child, "exit") : undefined;
      end();
      await exited;
      process.off("exit", end);
      await folder.remove();
    },
  };
}

export class RelayDidNotStart extends Error {}
