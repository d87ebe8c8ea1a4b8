import { chmod, realpath } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import type { Log } from "../../domain/log.ts";
import type { Clock } from "../../domain/ports/index.ts";
import { StartRefused } from "../../domain/start-refused.ts";
import { openDataFolder } from "../data-folder.ts";
import { errorCode } from "../error-code.ts";
import { createCluster, removeUnfinishedClusters, type Cluster, type RunnableCluster } from "./cluster.ts";
import { findBarrier, findDatabaseUser } from "./database-user.ts";
import { acquireLease, connectionTo, RELAY_DATABASE, type SocketConnection } from "./lease.ts";
import { findNativeFolder, prepareNativeFolder } from "./native-folder.ts";
import { becomesReady, findPostmaster, spawnPostmaster, startFailed, stopPostmaster, wasStartedLikeThis } from "./postmaster.ts";
import { clearSocketFolder, openSocketFolder, removeSocketFolder } from "./socket-folder.ts";

const START_ATTEMPTS = 5;
const RESTART_PAUSE_MS = 500;

export interface EmbeddedPostgres {
  /** A Unix socket; stays valid when the database has to be restarted. */
  connection: SocketConnection;
  /** Ends the database. Connections that are still open are cut. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** Created when missing. A folder that is not empty and not ours is refused untouched. */
  dataFolder: string;
  log: Log;
  clock: Clock;
  /** PostgreSQL's `bin`, `lib` and `share`; by default those of the npm package for this platform. */
  nativeFolder?: string;
}

/**
 * The database that comes with the relay: created at the first start, adopted when an earlier relay was killed and left it
 * running, started again when it dies. One relay per data folder. Throws StartRefused with what the operator can do.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { log, clock } = options;
  const files = await prepareFiles(options);
  await createCluster(files);
  const first = await bringUpFirst(files, log, clock);
  const { cluster } = first;
  let { lease } = first;
  await removeUnfinishedClusters(cluster.dataFolder);
  await createDatabase(lease);

  const stopping = new AbortController();
  let restarting = Promise.resolve();
  const watch = (): void => {
    lease.once("end", () => {
      if (!stopping.signal.aborted) restarting = restart();
    });
  };
  const restart = async (): Promise<void> => {
    log.warn("the database went away");
    while (!stopping.signal.aborted) {
      try {
        lease = await bringUp(cluster, log, clock);
        return watch();
      } catch (error) {
        log.error("the database does not come back", { code: errorCode(error), error });
        await sleep(RESTART_PAUSE_MS);
      }
    }
  };
  watch();

  return {
    connection: connectionTo(cluster.socketFolder, RELAY_DATABASE),
    async stop() {
      stopping.abort();
      await restarting;
      // The lease ends with the database, not before: another relay that waits for it finds the database gone.
      await stopPostmaster(cluster.postgresFolder, clock);
      await lease.end().catch(() => undefined);
      await removeSocketFolder(cluster.dataFolder, cluster.socketFolder);
      log.info("database stopped");
    },
  };
}

async function prepareFiles(options: EmbeddedPostgresOptions): Promise<Cluster> {
  const source = options.nativeFolder ?? findNativeFolder();
  await openDataFolder(options.dataFolder);
  const dataFolder = await realpath(options.dataFolder);
  const postgresFolder = join(dataFolder, "postgres");
  const user = await findDatabaseUser(postgresFolder);
  if (user !== undefined) {
    // The database's user passes through to postgres/ and cannot list what else is here; relay.keys is closed to it.
    await chmod(dataFolder, 0o711);
    await refuseBarrier(dataFolder, await findBarrier(user, dataFolder));
  }
  const native = await prepareNativeFolder(source, dataFolder, user);
  return { dataFolder, postgresFolder, user, native };
}

async function refuseBarrier(dataFolder: string, barrier: string | undefined): Promise<void> {
  if (barrier === undefined) return;
  throw new StartRefused(
    "DATA_FOLDER_UNUSABLE",
    `The relay runs as root, PostgreSQL refuses to, and its unprivileged user cannot enter ${barrier} on the way to the data folder ${dataFolder}. Give PEERBRAIN_DATA a folder below /var/lib/peerbrain, or run the relay as an ordinary user.`,
  );
}

/** The same at the start of a relay: another one that stops at this moment takes its socket folder along. */
async function bringUpFirst(files: Cluster, log: Log, clock: Clock): Promise<{ cluster: RunnableCluster; lease: pg.Client }> {
  const cluster = { ...files, socketFolder: await openSocketFolder(files.dataFolder, files.user) };
  try {
    return { cluster, lease: await bringUp(cluster, log, clock) };
  } catch (error) {
    const socketFolder = await openSocketFolder(files.dataFolder, files.user);
    if (socketFolder === cluster.socketFolder) throw error;
    const again = { ...cluster, socketFolder };
    return { cluster: again, lease: await bringUp(again, log, clock) };
  }
}

/** A database that answers, and the lease on it. */
async function bringUp(cluster: RunnableCluster, log: Log, clock: Clock): Promise<pg.Client> {
  for (let attempt = 1; ; attempt++) {
    try {
      return (await adopt(cluster, log, clock)) ?? (await start(cluster, log, clock));
    } catch (error) {
      // What is left of a database that was just killed, or another relay's start, can be in the way for a moment.
      const isFinal = error instanceof StartRefused && error.code !== "DATABASE_START_FAILED";
      if (isFinal || attempt >= START_ATTEMPTS) throw error;
      await sleep(attempt * 100);
    }
  }
}

/** Takes over the database that runs on this folder, if there is one and it can stay. */
async function adopt(cluster: RunnableCluster, log: Log, clock: Clock): Promise<pg.Client | undefined> {
  const running = await findPostmaster(cluster.postgresFolder);
  if (running === undefined || !(await becomesReady(cluster, running.pid, clock))) return undefined;
  // The lease comes before anything else: the database of a living relay is left alone.
  const lease = await acquireLease(running.socketFolder, cluster.dataFolder).catch((error: unknown) => {
    if (error instanceof StartRefused) throw error;
    log.warn("the running database does not answer", { pid: running.pid, code: errorCode(error) });
    return undefined;
  });
  if (lease !== undefined && (await wasStartedLikeThis(cluster))) {
    log.info("database adopted", { pid: running.pid });
    return lease;
  }
  log.info("replacing the running database", { pid: running.pid });
  await stopPostmaster(cluster.postgresFolder, clock);
  await lease?.end().catch(() => undefined);
  return undefined;
}

async function start(cluster: RunnableCluster, log: Log, clock: Clock): Promise<pg.Client> {
  await clearSocketFolder(cluster.socketFolder);
  const pid = await spawnPostmaster(cluster);
  if (!(await becomesReady(cluster, pid, clock))) throw await startFailed(cluster);
  log.info("database started", { pid });
  return acquireLease(cluster.socketFolder, cluster.dataFolder);
}

async function createDatabase(lease: pg.Client): Promise<void> {
  const { rowCount } = await lease.query("SELECT FROM pg_database WHERE datname = $1", [RELAY_DATABASE]);
  if (rowCount === 0) await lease.query(`CREATE DATABASE ${RELAY_DATABASE}`);
}
