import pg from "pg";
import { type DatabaseAddress, startDatabaseServer as startMigrated } from "../../test/support/database-server.ts";

export type { DatabaseAddress };

export interface DatabaseServer {
  /** A migrated and empty database, or a copy of one that nobody is connected to. */
  create(name: string, template?: string): Promise<DatabaseAddress>;
  stop(): Promise<void>;
}

/** One PostgreSQL for all that a bench compares. */
export async function startDatabaseServer(): Promise<DatabaseServer> {
  const { migrated, stop } = await startMigrated();
  return {
    async create(name, template = migrated.database) {
      await withClient({ ...migrated, database: "postgres" }, (client) => client.query(`CREATE DATABASE "${name}" TEMPLATE "${template}"`));
      return { ...migrated, database: name };
    },
    stop,
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
