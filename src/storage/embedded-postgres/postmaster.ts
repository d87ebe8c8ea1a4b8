import { execFile, spawn } from "node:child_process";
import { open, readFile, realpath, rename, rm, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { Clock } from "../../domain/ports/index.ts";
import { StartRefused } from "../../domain/start-refused.ts";
import { errorCode } from "../error-code.ts";
import { SURROUNDINGS, type Cluster, type RunnableCluster } from "./cluster.ts";
import { binaryMissing } from "./native-folder.ts";

const LOG_FILE = "postgres.log";
const POLL_MS = 10;

/** After a crash the database first replays its log, which takes as long as it takes. */
const MAX_RECOVERY_MS = 300_000;
const MAX_SHUTDOWN_MS = 10_000;

/** The database's first process, as its pid file tells. */
export interface Postmaster {
  pid: number;
  socketFolder: string;
  isReady: boolean;
}

/** The running database of this folder. A pid file that a crash left behind names nobody, or somebody else. */
export async function findPostmaster(postgresFolder: string): Promise<Postmaster | undefined> {
  const written = await readPostmaster(postgresFolder);
  if (written === undefined || written.isRunning) return written;
  // PostgreSQL would take an unrelated process that has got this pid since for another database.
  await rm(join(postgresFolder, "postmaster.pid"), { force: true });
  return undefined;
}

/** What the pid file of this folder tells, and whether that is so. Changes nothing. */
export async function readPostmaster(postgresFolder: string): Promise<(Postmaster & { isRunning: boolean }) | undefined> {
  const written = await readPidFile(postgresFolder);
  return written && { ...written, isRunning: await isPostmasterOf(postgresFolder, written.pid) };
}

/** The options hold the version of the programs, so a database of an earlier version counts as started otherwise. */
export async function wasStartedLikeThis(cluster: RunnableCluster): Promise<boolean> {
  const written = await readFile(join(cluster.postgresFolder, "postmaster.opts"), "utf8").catch(() => "");
  const program = await realpath(join(cluster.native.folder, "bin", "postgres"));
  return written.trim() === [program, ...postgresOptions(cluster).map((option) => `"${option}"`)].join(" ");
}

/** Starts the database and returns its pid; it is not ready yet. Throws StartRefused DATABASE_BINARY_MISSING. */
export async function spawnPostmaster(cluster: RunnableCluster): Promise<number> {
  const log = await openLogFile(cluster.dataFolder);
  try {
    const postgres = spawn(join(cluster.native.folder, "bin", "postgres"), postgresOptions(cluster), {
      ...SURROUNDINGS,
      ...cluster.user,
      // Its own process group: an interrupt typed at the relay's terminal must not end the database before the relay is done.
      detached: true,
      stdio: ["ignore", log.fd, log.fd],
    });
    await new Promise((resolve, reject) => {
      postgres.once("spawn", resolve);
      postgres.once("error", (error) => reject(binaryMissing(`its program does not start (${errorCode(error)})`, error)));
    });
    postgres.unref();
    return postgres.pid as number;
  } finally {
    await log.close();
  }
}

/** False when the process ended before it was ready, or was on its way out. */
export async function becomesReady({ dataFolder, postgresFolder }: Cluster, pid: number, clock: Clock): Promise<boolean> {
  const deadlineMs = clock.nowMs() + MAX_RECOVERY_MS;
  while (clock.nowMs() < deadlineMs) {
    if (!(await isPostmasterOf(postgresFolder, pid))) return false;
    const written = await readPidFile(postgresFolder);
    if (written?.pid === pid && written.isReady) return true;
    await sleep(POLL_MS);
  }
  throw new StartRefused("DATABASE_START_FAILED", `The embedded database (process ${pid}) is not ready after ${MAX_RECOVERY_MS / 1000} s; see ${join(dataFolder, LOG_FILE)}.`);
}

/** Ends the database, if it runs: open transactions are rolled back, everything committed is on the disk. */
export async function stopPostmaster(postgresFolder: string, clock: Clock): Promise<void> {
  // Fast shutdown first. What still runs after that is ended at once, and the database recovers at its next start.
  for (const signal of ["SIGINT", "SIGQUIT"] as const) {
    const running = await findPostmaster(postgresFolder);
    if (running === undefined) return;
    sendSignal(running.pid, signal);
    const deadlineMs = clock.nowMs() + MAX_SHUTDOWN_MS;
    while (clock.nowMs() < deadlineMs) {
      if ((await findPostmaster(postgresFolder))?.pid !== running.pid) return;
      await sleep(POLL_MS);
    }
  }
  throw new StartRefused("DATABASE_START_FAILED", `The database of ${postgresFolder} does not end. Look for its process, whose pid is in postmaster.pid there.`);
}

/** Why a database that was just spawned is not there: the end of its own log. */
export async function startFailed({ dataFolder }: Cluster): Promise<StartRefused> {
  const path = join(dataFolder, LOG_FILE);
  const text = (await readFile(path, "utf8").catch(() => "")).trim();
  if (text.includes("error while loading shared libraries")) return binaryMissing(text);
  return new StartRefused("DATABASE_START_FAILED", `The embedded database did not start. The end of ${path}:\n${text.split("\n").slice(-5).join("\n")}`);
}

function postgresOptions({ postgresFolder, socketFolder, native }: RunnableCluster): string[] {
  return [
    "-D", postgresFolder,
    // A Unix socket and no TCP port: nothing to collide with, and nobody else to connect.
    "-h", "", "-k", socketFolder,
    "-c", "unix_socket_permissions=0700",
    "-c", `cluster_name=peerbrain-${native.version}`,
    "-c", "jit=off",
    // The database's log never quotes a statement, a key or a value.
    "-c", "log_error_verbosity=terse",
    "-c", "log_min_error_statement=panic",
    // After a crash everything is made durable first: with one call where the kernel has it, which saves seconds on a busy disk.
    ...(process.platform === "linux" ? ["-c", "recovery_init_sync_method=syncfs"] : []),
  ];
}

/** The relay opens the log, because the database's user may not write to the data folder. One earlier log is kept. */
async function openLogFile(dataFolder: string): Promise<FileHandle> {
  const path = join(dataFolder, LOG_FILE);
  await rename(path, `${path}.1`).catch(() => undefined);
  return open(path, "w", 0o600);
}

async function readPidFile(postgresFolder: string): Promise<Postmaster | undefined> {
  const lines = (await readFile(join(postgresFolder, "postmaster.pid"), "utf8").catch(() => "")).split("\n");
  const pid = Number(lines[0]);
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  return { pid, socketFolder: lines[4] ?? "", isReady: lines[7]?.trim() === "ready" };
}

async function isPostmasterOf(postgresFolder: string, pid: number): Promise<boolean> {
  return (await readCommandLine(pid)).includes(` -D ${postgresFolder} `);
}

/** Empty when there is no such process, or when it is over and its parent has not noticed. */
async function readCommandLine(pid: number): Promise<string> {
  if (process.platform === "linux") return (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).replaceAll("\0", " ");
  return promisify(execFile)("ps", ["-o", "command=", "-p", String(pid)]).then(({ stdout }) => stdout, () => "");
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (errorCode(error) !== "ESRCH") throw error;
  }
}
