import pg from "pg";
import type { TestDatabase } from "./database.ts";

/** A database whose rows can be compared, and put back as they were. */
export interface KeptDatabase {
  /** Remembers all rows. */
  keep(): Promise<void>;
  /** Puts the remembered rows back. */
  restore(): Promise<void>;
  /** Every row of every table as text, by table. */
  dump(): Promise<Record<string, string>>;
  query(statement: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export async function openKeptDatabase({ connection }: Pick<TestDatabase, "connection">): Promise<KeptDatabase> {
  const client = new pg.Client(connection);
  await client.connect();
  const { rows } = await client.query<{ name: string }>("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE '\\_%' ORDER BY 1");
  const tables = rows.map(({ name }) => name);
  const all = (statement: (table: string) => string): string => tables.map(statement).join("; ");
  const dump = tables.map((name) => `SELECT '${name}' AS name, coalesce(string_agg(row::text, E'\\n' ORDER BY row::text), '') AS rows FROM "${name}" AS row`).join(" UNION ALL ");

  return {
    async keep() {
      await client.query(`DROP SCHEMA IF EXISTS kept CASCADE; CREATE SCHEMA kept; ${all((name) => `CREATE TABLE kept."${name}" AS TABLE public."${name}"`)}`);
    },
    async restore() {
      await client.query(`BEGIN; ${all((name) => `DELETE FROM public."${name}"; INSERT INTO public."${name}" SELECT * FROM kept."${name}"`)}; COMMIT`);
    },
    async dump() {
      const dumped = await client.query<{ name: string; rows: string }>(dump);
      return Object.fromEntries(dumped.rows.map(({ name, rows: text }) => [name, text]));
    },
    async query(statement, values) {
      return (await client.query(statement, values)).rows;
    },
    close: () => client.end(),
  };
}
