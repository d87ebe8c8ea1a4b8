import { join } from "node:path";
import pg from "pg";
import { openDatabase } from "../../src/storage/open-database.ts";
import { createTemporaryFolder } from "../../test/support/folders.ts";
import { silentLog, systemClock } from "../../test/support/quiet.ts";

export interface DatabaseServer {
  /** A migrated and empty database, or a copy of one that nobody is connected to. */
  create(name: string, template?: string): Promise<DatabaseAddress>;
  stop(): Promise<void>;
}

/** A database, as `pg` takes it. */
export interface DatabaseAddress {
  host: string;
  port: number;
  user: string;
  database: string;
}

/** One PostgreSQL for all that a bench compares: the embedded one, with the settings that a relay gives it. */
export async function startDatabaseServer(): Promise<DatabaseServer> {
  const folder = await createTemporaryFolder();
  const server = await openDatabase({
    databaseUrl: undefined,
    dataFolder: folder.path,
    migrationsFolder: join(import.meta.dirname, "../../prisma/migrations"),
    log: silentLog,
    clock: systemClock,
  });
  const migrated = server.connection as DatabaseAddress;

  return {
    async create(name, template = migrated.database) {
      await withClient({ ...migrated, database: "postgres" }, (client) => client.query(`CREATE DATABASE "${name}" TEMPLATE "${template}"`));
      return { ...migrated, database: name };
    },
    async stop() {
      await server.close();
      await folder.remove();
    },
  };
}

export async function withClient<T>(address: DatabaseAddress, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(address);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** What a process is told in its environment. The host is a folder: the server listens on a Unix socket. */
export function databaseUrlOf({ host, port, user, database }: DatabaseAddress): string {
  return `postgresql://${user}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`;
}
