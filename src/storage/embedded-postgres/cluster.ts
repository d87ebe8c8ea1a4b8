import { spawn } from "node:child_process";
import { chown, mkdtemp, readFile, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { StartRefused } from "../../domain/start-refused.ts";
import { errorCode } from "../error-code.ts";
import type { DatabaseUser } from "./database-user.ts";
import { draftName, isAbandonedDraft } from "./draft-name.ts";
import { binaryMissing, type NativeFolder } from "./native-folder.ts";

/** One database folder, the programs for it and who runs them. */
export interface Cluster {
  dataFolder: string;
  /** Owned by the database's user: `postgres/` in the data folder. */
  postgresFolder: string;
  native: NativeFolder;
  user: DatabaseUser | undefined;
}

/** A cluster with the place of its socket: ready to run. */
export interface RunnableCluster extends Cluster {
  socketFolder: string;
}

/** The superuser of the embedded database. Only who may enter the socket's folder can connect, so it has no password. */
export const ROLE = "peerbrain";

/**
 * The database's processes inherit nothing of the relay's environment, which may hold secrets, and stand in a folder that
 * every user may enter.
 */
export const SURROUNDINGS = { cwd: "/", env: { LC_ALL: "C", PATH: "/usr/bin:/bin" } } as const;

/**
 * Creates the database's files unless they are there. They appear under their name in one step, so a start that was
 * killed half-way leaves nothing that looks like a database. Throws StartRefused.
 */
export async function createCluster(cluster: Cluster): Promise<void> {
  if (await isCreated(cluster)) return;
  const unfinished = await mkdtemp(`${draftName(cluster.postgresFolder)}-`);
  try {
    if (cluster.user !== undefined) await chown(unfinished, cluster.user.uid, cluster.user.gid);
    await runInitdb(cluster, unfinished);
    await rename(unfinished, cluster.postgresFolder);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // Two relays may start at once: whoever comes second takes the database that is there.
    if (await isCreated(cluster)) return;
    throw error;
  }
}

export async function removeUnfinishedClusters(dataFolder: string): Promise<void> {
  for (const name of await readdir(dataFolder)) {
    if (isAbandonedDraft(name, "postgres")) await rm(join(dataFolder, name), { recursive: true, force: true });
  }
}

async function isCreated({ postgresFolder, native }: Cluster): Promise<boolean> {
  const names = await readdir(postgresFolder).catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  });
  if (names === undefined) return false;
  if (!names.includes("PG_VERSION")) {
    throw new StartRefused("DATA_FOLDER_FOREIGN", `${postgresFolder} holds no PostgreSQL database; nothing in it was touched. Move it away, or restore a backup.`);
  }
  const found = (await readFile(join(postgresFolder, "PG_VERSION"), "utf8")).trim();
  const expected = native.version.split(".")[0];
  if (found === expected) return true;
  throw new StartRefused(
    "DATABASE_FOREIGN",
    `${postgresFolder} was written by PostgreSQL ${found}, and this PeerBrain brings PostgreSQL ${expected}. Dump it with the version that wrote it, and restore the dump into a new data folder.`,
  );
}

async function runInitdb(cluster: Cluster, folder: string): Promise<void> {
  const options = [
    "--pgdata", folder, "--username", ROLE, "--auth", "trust", "--encoding", "UTF8",
    // The same order of text on every machine, whatever its C library thinks.
    "--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--no-instructions",
  ];
  const initdb = spawn(join(cluster.native.folder, "bin", "initdb"), options, {
    ...SURROUNDINGS, ...cluster.user, stdio: ["ignore", "ignore", "pipe"],
  });
  let complaints = "";
  initdb.stderr.setEncoding("utf8").on("data", (text: string) => (complaints += text));
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    initdb.once("error", (error) => reject(binaryMissing(`its program does not start (${errorCode(error)})`, error)));
    initdb.once("close", resolve);
  });
  if (exitCode === 0) return;
  if (complaints.includes("error while loading shared libraries")) throw binaryMissing(complaints.trim());
  throw new StartRefused("DATABASE_START_FAILED", `The embedded database could not be created in ${cluster.dataFolder}: ${complaints.trim()}`);
}
