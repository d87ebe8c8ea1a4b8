import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { buildIfOlder } from "../scripts/build-if-older.ts";
import { root } from "../scripts/run.ts";

/** A throw-away relay: the process that `npm start` runs, on a data folder of its own. */
export interface RelayProcess {
  url: string;
  dataFolder: string;
  /** Milliseconds from the start to the first answer. */
  readyMs: number;
  /** All that it has written so far, to both outputs. */
  output(): string;
  /** A connection to its embedded database, as the operator has it. */
  connectDatabase(): Promise<pg.Client>;
  /** Stops it as an operator would, and removes the data folder. */
  stop(): Promise<void>;
}

const READY = /API\s+(http:\S+?)\/graphql/;
const START_TIMEOUT_MS = 30_000;

/** Throws when the relay does not get ready; the error holds what it wrote. */
export async function startRelayProcess(): Promise<RelayProcess> {
  buildIfOlder(console.log);
  const folder = await createFolder();
  const dataFolder = join(folder, "data");
  const startedMs = performance.now();
  const env = { ...process.env, PEERBRAIN_DATA: dataFolder, PEERBRAIN_PORT: "0", PEERBRAIN_LOG_LEVEL: "debug" };
  const child = spawn(process.execPath, ["dist/bin.js", "serve"], { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
  const written: string[] = [];
  child.stdout.on("data", (chunk: Buffer) => written.push(chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => written.push(chunk.toString()));
  const output = (): string => written.join("");
  const stop = async (): Promise<void> => {
    await end(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const url = await untilReady(child, output);
    const readyMs = performance.now() - startedMs;
    return { url, dataFolder, readyMs, output, stop, connectDatabase: () => connectDatabase(dataFolder) };
  } catch (error) {
    await stop();
    throw error;
  }
}

// PostgreSQL refuses to run as root: its own user must be able to reach the folder.
async function createFolder(): Promise<string> {
  const isRoot = process.getuid?.() === 0;
  const base = isRoot ? "/var/lib/peerbrain" : tmpdir();
  await mkdir(base, { recursive: true });
  const folder = await mkdtemp(join(base, "demo-"));
  await chmod(folder, 0o755);
  return folder;
}

async function untilReady(child: ChildProcess, output: () => string): Promise<string> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < deadline && child.exitCode === null) {
    const url = READY.exec(output())?.[1];
    if (url !== undefined) return url;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`The relay did not start:\n${output()}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  await exited;
}

async function connectDatabase(dataFolder: string): Promise<pg.Client> {
  const host = await readFile(join(dataFolder, "postgres.socket"), "utf8");
  const client = new pg.Client({ host, port: 5432, user: "peerbrain", database: "peerbrain" });
  // The relay ends its database, and with it this connection.
  client.on("error", () => undefined);
  await client.connect();
  return client;
}
