import { readFile, realpath, stat } from "node:fs/promises";
import { dirname } from "node:path";

/** The unprivileged user that PostgreSQL runs as when the relay runs as root. */
export interface DatabaseUser {
  uid: number;
  gid: number;
}

const NOBODY: DatabaseUser = { uid: 65534, gid: 65534 };

/**
 * PostgreSQL refuses to run as root: then whoever owns the database's folder runs it, and `nobody` owns a new one.
 * Undefined when the relay is an ordinary user, who runs the database itself.
 */
export async function findDatabaseUser(postgresFolder: string): Promise<DatabaseUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await stat(postgresFolder).catch(() => undefined);
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  return findNobody();
}

export async function findNobody(): Promise<DatabaseUser> {
  const passwd = await readFile("/etc/passwd", "utf8").catch(() => "");
  const [, uid, gid] = /^nobody:[^:]*:(-?\d+):(-?\d+):/m.exec(passwd) ?? [];
  if (uid === undefined || gid === undefined) return NOBODY;
  // Some systems write nobody as −2.
  return { uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 };
}

/** The first folder or file on the way to `path`, itself included, that the user may not enter or execute. */
export async function findBarrier(user: DatabaseUser, path: string): Promise<string | undefined> {
  for (const step of stepsTo(await realpath(path))) {
    const { uid, gid, mode } = await stat(step);
    const executeBit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & executeBit) === 0) return step;
  }
  return undefined;
}

function stepsTo(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [path] : [...stepsTo(parent), path];
}
