import { join } from "node:path";
import { openDatabase } from "../../src/storage/open-database.ts";
import { createTemporaryFolder } from "./folders.ts";
import { silentLog, systemClock } from "./quiet.ts";

/** A database, as `pg` takes it. The host is a folder: the server listens on a Unix socket. */
export interface DatabaseAddress {
  host: string;
  port: number;
  user: string;
  database: string;
}

/** The embedded PostgreSQL with the settings that a relay gives it, migrated and empty, in a folder of its own. */
export async function startDatabaseServer(): Promise<{ migrated: DatabaseAddress; stop(): Promise<void> }> {
  const folder = await createTemporaryFolder();
  const server = await openDatabase({
    databaseUrl: undefined,
    dataFolder: folder.path,
    migrationsFolder: join(import.meta.dirname, "../../prisma/migrations"),
    log: silentLog,
    clock: systemClock,
  });
  return {
    migrated: server.connection as DatabaseAddress,
    async stop() {
      await server.close();
      await folder.remove();
    },
  };
}
