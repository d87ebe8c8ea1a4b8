import type pg from "pg";
import type { Log } from "../domain/log.ts";
import type { Clock } from "../domain/ports/index.ts";
import { connectDatabase } from "./connect-database.ts";
import { startEmbeddedPostgres, type EmbeddedPostgres } from "./embedded-postgres/start-embedded-postgres.ts";
import { applyMigrations } from "./migrator.ts";

export interface RelayDatabase {
  connection: pg.PoolConfig;
  /** Ends the embedded database; leaves any other one alone. */
  close(): Promise<void>;
}

/**
 * The relay's database, reachable and migrated: the one of `databaseUrl`, or the embedded one in `dataFolder`.
 * Throws StartRefused with what the operator can do.
 */
export async function openDatabase(options: {
  databaseUrl: string | undefined;
  dataFolder: string;
  migrationsFolder: string;
  log: Log;
  clock: Clock;
}): Promise<RelayDatabase> {
  const database = options.databaseUrl === undefined ? await openEmbedded(options) : { connection: { connectionString: options.databaseUrl }, close: async () => undefined };
  try {
    await migrate(database.connection, options.migrationsFolder, options.log);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function openEmbedded(options: { dataFolder: string; log: Log; clock: Clock }): Promise<RelayDatabase> {
  const embedded: EmbeddedPostgres = await startEmbeddedPostgres(options);
  return { connection: embedded.connection, close: () => embedded.stop() };
}

async function migrate(connection: pg.ClientConfig, folder: string, log: Log): Promise<void> {
  const client = await connectDatabase(connection);
  try {
    await applyMigrations(client, folder, log);
  } finally {
    await client.end();
  }
}
