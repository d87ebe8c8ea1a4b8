import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { StartRefused } from "../../domain/start-refused.ts";
import { ROLE } from "./cluster.ts";

/** Of PostgreSQL's advisory locks: "peer" in ASCII, and the lease of the data folder. */
const LOCK = [0x70656572, 1] as const;
const PORT = 5432;

/** A killed relay's connection ends with it, but its server process needs a moment to notice. */
const ATTEMPTS = 20;
const ATTEMPT_MS = 50;
const TIMEOUT_MS = 5_000;

/** How the relay reaches the database; `pg` takes it as it is. */
export interface SocketConnection {
  host: string;
  port: number;
  user: string;
  database: string;
}

/** The relay's tables are in this one. */
export const RELAY_DATABASE = "peerbrain";

export function connectionTo(socketFolder: string, database: string): SocketConnection {
  return { host: socketFolder, port: PORT, user: ROLE, database };
}

/**
 * The right to be the only relay on a data folder: a lock in its database that lasts as long as the returned connection,
 * so that no crash can leave it behind. Throws StartRefused DATA_FOLDER_IN_USE.
 */
export async function acquireLease(socketFolder: string, dataFolder: string): Promise<pg.Client> {
  const client = new pg.Client({ ...connectionTo(socketFolder, "postgres"), application_name: `peerbrain relay, process ${process.pid}` });
  // The end of the connection is what tells; an error without a listener would end the relay.
  client.on("error", () => undefined);
  await client.connect();
  try {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const { rows } = await client.query<{ locked: boolean }>("SELECT pg_try_advisory_lock($1, $2) AS locked", [...LOCK]);
      if (rows[0]?.locked === true) return client;
      await sleep(ATTEMPT_MS);
    }
    throw new StartRefused(
      "DATA_FOLDER_IN_USE",
      `Another relay uses the data folder ${dataFolder} (${(await findHolder(client)) ?? "it has just ended"}). Stop it, or give this one a folder of its own with PEERBRAIN_DATA.`,
    );
  } catch (error) {
    await client.end();
    throw error;
  }
}

/** Who holds the lease on the database of this socket, by its own words; undefined when nobody does. */
export async function findLeaseHolder(socketFolder: string): Promise<string | undefined> {
  const client = new pg.Client({ ...connectionTo(socketFolder, "postgres"), connectionTimeoutMillis: TIMEOUT_MS });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return await findHolder(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function findHolder(client: pg.Client): Promise<string | undefined> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT application_name AS name FROM pg_locks JOIN pg_stat_activity USING (pid)
     WHERE locktype = 'advisory' AND classid = $1 AND objid = $2 AND granted`,
    [...LOCK],
  );
  return rows[0]?.name;
}
