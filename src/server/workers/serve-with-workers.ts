import cluster from "node:cluster";
import { readDatabaseIdentity } from "../../storage/database-identity.ts";
import type { RelayDatabase } from "../../storage/open-database.ts";
import { createPrismaClient } from "../../storage/prisma-client.ts";
import { createRelayMetaRepository } from "../../storage/prisma-relay-meta-repository.ts";
import { systemClock } from "../adapters/system.ts";
import { countRestorations } from "../count-restorations.ts";
import { greet } from "../greet.ts";
import { openRelayKeys } from "../keys/open-relay-keys.ts";
import { isFirstStart, openRelayDatabase, type ServeOptions } from "../open-relay-database.ts";
import { awaitSignal, stopOn } from "../stop-on-signal.ts";
import { keepCounts } from "./count-together.ts";
import { createWorkerPool } from "./worker-pool.ts";

/** Of the time to stop in, how much the workers have; the rest is the database's. */
const WORKERS_SHARE = 0.9;

/** Runs a relay of several processes until it is told to stop: the first of them, or one of those that it started. */
export async function serveWithWorkers(options: ServeOptions): Promise<void> {
  if (cluster.isPrimary) return runPrimary(options);
  // What answers requests is loaded where they are answered.
  const { runWorker } = await import("./run-worker.ts");
  await runWorker(options);
}

/** Owns the database, the port and the counters of the rate limits, and has others do the work. */
async function runPrimary(options: ServeOptions): Promise<void> {
  const { config, log } = options;
  const { shutdownSeconds } = config.limits;
  let onHangup = (): void => undefined;
  process.on("SIGHUP", () => onHangup());
  const signalled = awaitSignal();
  const isNew = isFirstStart(config);
  const database = await openRelayDatabase(options);
  let stop = database.close;
  try {
    const pool = createWorkerPool({
      count: config.workers,
      task: { connection: database.connection, restorations: await prepareData(options, database) },
      endingMs: shutdownSeconds * 1000 * WORKERS_SHARE,
      clock: systemClock,
      log,
    });
    stop = async () => {
      await pool.stop();
      await database.close();
    };
    // In turn: left to itself, the kernel prefers some, and a socket stays where it began.
    cluster.schedulingPolicy = cluster.SCHED_RR;
    keepCounts();
    greet(await pool.start(), config.dataFolder, isNew);
    onHangup = () => void pool.replaceAll();
  } catch (error) {
    await stop();
    throw error;
  }
  await stopOn(signalled, stop, shutdownSeconds, log);
}

/** What only one process may do: makes the keys at the first start, and counts a restoration. */
async function prepareData({ config, isRestored }: ServeOptions, { connection }: RelayDatabase): Promise<number> {
  const prisma = createPrismaClient({ ...connection, max: 1 });
  try {
    const meta = createRelayMetaRepository(prisma);
    await openRelayKeys(config.dataFolder, meta);
    return await countRestorations(meta, await readDatabaseIdentity(prisma), isRestored);
  } finally {
    await prisma.$disconnect();
  }
}
