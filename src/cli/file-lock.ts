import { randomBytes } from "node:crypto";
import { link, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CommandError } from "./command-error.ts";
import { makePrivateFolder } from "./private-file.ts";

const POLL_MS = 15;
const PATIENCE_MS = 40_000;

/** Takes a lock that holds for as long as this process lives, at most; undefined while another process has it. */
export async function tryLock(path: string): Promise<(() => Promise<void>) | undefined> {
  await makePrivateFolder(dirname(path));
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  await writeFile(draft, String(process.pid), { flag: "wx", mode: 0o600 });
  try {
    // The lock appears with its owner in it, or not at all.
    await link(draft, path);
    return () => rm(path, { force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    await removeIfStale(path);
    return undefined;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Runs work while no other process does. */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  for (let waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += POLL_MS) {
    const unlock = await tryLock(path);
    if (unlock) return work().finally(unlock);
    await sleep(POLL_MS);
  }
  throw new CommandError("PROFILE_BUSY", `Another peerbrain uses this profile and does not let go of ${path}. End it and try again.`);
}

// Its owner was killed.
async function removeIfStale(path: string): Promise<void> {
  const owner = await readFile(path, "utf8").catch(() => undefined);
  if (owner !== undefined && !isAlive(Number(owner))) await rm(path, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
