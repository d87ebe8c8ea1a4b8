import { access, realpath } from "node:fs/promises";
import { join } from "node:path";
import type pg from "pg";
import type { Log } from "../domain/log.ts";
import type { Clock } from "../domain/ports/index.ts";
import { StartRefused } from "../domain/start-refused.ts";
import { connectionTo, findLeaseHolder, RELAY_DATABASE } from "./embedded-postgres/lease.ts";
import { readPostmaster } from "./embedded-postgres/postmaster.ts";
import { startEmbeddedPostgres } from "./embedded-postgres/start-embedded-postgres.ts";
import type { RelayDatabase } from "./open-database.ts";

/** What is to be seen of an embedded database without starting or changing anything. */
export interface EmbeddedTraces {
  /** There is a database in the data folder. */
  exists: boolean;
  /** What its pid file tells; a crash leaves one behind that is not true any more. */
  postmaster: { pid: number; isRunning: boolean; socketFolder: string } | undefined;
  /** The relay that uses it, by its own words. */
  holder: string | undefined;
}

/** Throws what the running database answers when it does not let anybody in. */
export async function findEmbeddedTraces(dataFolder: string): Promise<EmbeddedTraces> {
  const postgresFolder = join(await realpath(dataFolder).catch(() => dataFolder), "postgres");
  const exists = await access(join(postgresFolder, "PG_VERSION")).then(() => true, () => false);
  const postmaster = await readPostmaster(postgresFolder);
  const holder = postmaster?.isRunning === true ? await findLeaseHolder(postmaster.socketFolder) : undefined;
  return { exists, postmaster, holder };
}

/**
 * The database of a relay that has run before, for work on its data: beside the running relay, or in place of it. An
 * embedded one that nobody runs is started, and ended by `close`. Creates nothing. Throws StartRefused, DATA_FOLDER_EMPTY
 * among others.
 */
export async function reachDatabase(options: { databaseUrl: string | undefined; dataFolder: string; log: Log; clock: Clock }): Promise<RelayDatabase> {
  const leaveAlone = async (): Promise<void> => undefined;
  if (options.databaseUrl !== undefined) return { connection: { connectionString: options.databaseUrl }, close: leaveAlone };
  const { exists, postmaster } = await findEmbeddedTraces(options.dataFolder);
  if (!exists) {
    throw new StartRefused("DATA_FOLDER_EMPTY", `There is no database in the data folder ${options.dataFolder}. Name the relay's own with PEERBRAIN_DATA, or set DATABASE_URL as for the relay.`);
  }
  if (postmaster?.isRunning === true) return { connection: connectionTo(postmaster.socketFolder, RELAY_DATABASE) satisfies pg.PoolConfig, close: leaveAlone };
  const embedded = await startEmbeddedPostgres(options);
  return { connection: embedded.connection, close: () => embedded.stop() };
}
