import type pg from "pg";
import { connectDatabase } from "../connect-database.ts";

/** A few at once: a vault's item may have a megabyte. */
const ROWS_AT_ONCE = 50;

/** Prisma's books are made anew by the migrations that they name. */
const BOOKKEEPING = "_prisma_migrations";

export interface TableRow {
  table: string;
  /** The row as PostgreSQL writes it as JSON, in one line. */
  json: string;
}

/** Every row of every table, as of one moment, while others go on writing. */
export async function* dumpTables(connection: pg.ClientConfig): AsyncGenerator<TableRow> {
  const client = await connectDatabase(connection);
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    for (const table of await listTables(client)) {
      await client.query(`DECLARE rows NO SCROLL CURSOR FOR SELECT row_to_json(row)::text AS json FROM ${client.escapeIdentifier(table)} AS row`);
      for (;;) {
        const { rows } = await client.query<{ json: string }>(`FETCH ${ROWS_AT_ONCE} FROM rows`);
        for (const { json } of rows) yield { table, json };
        if (rows.length < ROWS_AT_ONCE) break;
      }
      await client.query("CLOSE rows");
    }
  } finally {
    await client.end();
  }
}

/** The migrations that made the tables, in order. */
export async function listMigrations(connection: pg.ClientConfig): Promise<string[]> {
  const client = await connectDatabase(connection);
  try {
    const { rows } = await client.query<{ name: string }>(`SELECT migration_name AS name FROM "${BOOKKEEPING}" WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY 1`);
    return rows.map(({ name }) => name);
  } finally {
    await client.end();
  }
}

export async function listTables(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>("SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema() AND tablename <> $1 ORDER BY 1", [BOOKKEEPING]);
  return rows.map(({ name }) => name);
}
