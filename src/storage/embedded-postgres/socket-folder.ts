import { chown, lstat, mkdtemp, readFile, rm, rmdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StartRefused } from "../../domain/start-refused.ts";
import { findBarrier, type DatabaseUser } from "./database-user.ts";

const RECORD = "postgres.socket";
const SOCKET = ".s.PGSQL.5432";

/** The kernel's limit for the path of a socket is 104 bytes with the closing zero, on the strictest system. */
const MAX_SOCKET_PATH_BYTES = 103;

/**
 * The folder of the database's socket: private to the database's user, short enough for a socket path, and the same as
 * long as it lasts, so that connections find their way back after the database was restarted.
 */
export async function openSocketFolder(dataFolder: string, user: DatabaseUser | undefined): Promise<string> {
  const recorded = await findRecorded(dataFolder, user);
  if (recorded !== undefined) return recorded;
  await rm(join(dataFolder, RECORD), { force: true });

  for (const base of [tmpdir(), dataFolder]) {
    if (Buffer.byteLength(join(base, "pb-XXXXXX", SOCKET)) > MAX_SOCKET_PATH_BYTES) continue;
    if (user !== undefined && (await findBarrier(user, base)) !== undefined) continue;
    const folder = await mkdtemp(join(base, "pb-"));
    if (user !== undefined) await chown(folder, user.uid, user.gid);
    return record(dataFolder, folder, user);
  }
  throw new StartRefused(
    "DATABASE_START_FAILED",
    `Neither ${tmpdir()} nor ${dataFolder} can hold the database's socket: its path must be at most ${MAX_SOCKET_PATH_BYTES} bytes long, in a folder that the database's user may enter. Set TMPDIR to a short path.`,
  );
}

async function findRecorded(dataFolder: string, user: DatabaseUser | undefined): Promise<string | undefined> {
  const recorded = await readFile(join(dataFolder, RECORD), "utf8").catch(() => undefined);
  return recorded !== undefined && (await isPrivate(recorded, user)) ? recorded : undefined;
}

/** Two relays may start at once: the folder that was recorded first is the one. */
async function record(dataFolder: string, folder: string, user: DatabaseUser | undefined): Promise<string> {
  try {
    await writeFile(join(dataFolder, RECORD), folder, { flag: "wx" });
    return folder;
  } catch (error) {
    const other = await findRecorded(dataFolder, user);
    if (other === undefined) throw error;
    await rmdir(folder);
    return other;
  }
}

/** Removes what a killed database left: its lock would count as long as any process has its pid, be it a dead one. */
export async function clearSocketFolder(folder: string): Promise<void> {
  await rm(join(folder, SOCKET), { force: true });
  await rm(join(folder, `${SOCKET}.lock`), { force: true });
}

export async function removeSocketFolder(dataFolder: string, folder: string): Promise<void> {
  await clearSocketFolder(folder);
  await rmdir(folder).catch(() => undefined);
  await rm(join(dataFolder, RECORD), { force: true });
}

/** The temporary folder is everybody's: a folder that somebody else put in this place is not used. */
async function isPrivate(folder: string, user: DatabaseUser | undefined): Promise<boolean> {
  const found = await lstat(folder).catch(() => undefined);
  return found !== undefined && found.isDirectory() && found.uid === (user?.uid ?? process.getuid?.()) && (found.mode & 0o077) === 0;
}
