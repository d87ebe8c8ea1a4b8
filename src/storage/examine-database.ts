import type pg from "pg";
import { connectDatabase } from "./connect-database.ts";
import { findMissingMigrations } from "./migrator.ts";

/** What a database says about itself. */
export interface DatabaseFacts {
  /** Its own clock. */
  nowMs: number;
  /** Of the migrations that this program knows; undefined for a database without any table. */
  missingMigrations: string[] | undefined;
  /** When the newest entry was received, by the relay's clock of that time. */
  newestReceiptMs: number | undefined;
  /** What the database remembers about the relay, by name. */
  meta: ReadonlyMap<string, string>;
}

/** Looks, and changes nothing. Throws StartRefused when the database cannot be reached or is not one for this program. */
export async function examineDatabase(connection: pg.ClientConfig, migrationsFolder: string): Promise<DatabaseFacts> {
  const client = await connectDatabase(connection);
  try {
    const { rows } = await client.query<{ nowMs: number }>('SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS "nowMs"');
    const nowMs = rows[0]?.nowMs ?? 0;
    const missingMigrations = await findMissingMigrations(client, migrationsFolder);
    const hasTables = missingMigrations !== undefined;
    return { nowMs, missingMigrations, newestReceiptMs: hasTables ? await findNewestReceipt(client) : undefined, meta: hasTables ? await readMeta(client) : new Map() };
  } finally {
    await client.end();
  }
}

async function findNewestReceipt(client: pg.Client): Promise<number | undefined> {
  const { rows } = await client.query<{ newest: string | null }>('SELECT max("headReceivedAtMs") AS newest FROM "Chain"');
  const newest = rows[0]?.newest;
  return newest === null || newest === undefined ? undefined : Number(newest);
}

async function readMeta(client: pg.Client): Promise<Map<string, string>> {
  const { rows } = await client.query<{ key: string; value: string }>('SELECT key, value FROM "RelayMeta"');
  return new Map(rows.map(({ key, value }) => [key, value]));
}
