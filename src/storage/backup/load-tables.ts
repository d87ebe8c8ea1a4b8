import type pg from "pg";
import type { Log } from "../../domain/log.ts";
import { StartRefused } from "../../domain/start-refused.ts";
import { connectDatabase } from "../connect-database.ts";
import { applyMigrations, findMissingMigrations } from "../migrator.ts";
import { listTables, type TableRow } from "./dump-tables.ts";

const BATCH_CHARACTERS = 1_000_000;

export interface LoadOptions {
  /** Those that made the dumped tables. Later ones are applied when a relay starts. */
  migrations: readonly string[];
  migrationsFolder: string;
  log: Log;
}

/** Fills an empty database with dumped rows, all or none. Throws StartRefused WOULD_OVERWRITE, BACKUP_UNUSABLE. */
export async function loadTables(connection: pg.ClientConfig, rows: AsyncIterable<TableRow>, { migrations, migrationsFolder, log }: LoadOptions): Promise<void> {
  const client = await connectDatabase(connection);
  try {
    if ((await findMissingMigrations(client, migrationsFolder)) !== undefined) {
      throw new StartRefused("WOULD_OVERWRITE", "The database holds tables already, and was left as it is. Name an empty one.");
    }
    const applied = await applyMigrations(client, migrationsFolder, log, migrations);
    if (applied.length < migrations.length) throw new StartRefused("BACKUP_UNUSABLE", "A newer version made this backup: restore it with that one.");
    await client.query("BEGIN");
    const tables = await listTables(client);
    // Migrations may have put rows there, which the backup has too.
    for (const table of tables) await client.query(`DELETE FROM ${client.escapeIdentifier(table)}`);
    await insertAll(client, rows, new Set(tables));
    await client.query("COMMIT");
  } finally {
    await client.end();
  }
}

async function insertAll(client: pg.Client, rows: AsyncIterable<TableRow>, tables: ReadonlySet<string>): Promise<void> {
  let batch: string[] = [];
  let characters = 0;
  let current = "";
  const flush = async (): Promise<void> => {
    const table = client.escapeIdentifier(current);
    if (batch.length > 0) await client.query(`INSERT INTO ${table} SELECT * FROM json_populate_recordset(NULL::${table}, $1::json)`, [`[${batch.join(",")}]`]);
    batch = [];
    characters = 0;
  };
  for await (const { table, json } of rows) {
    if (!tables.has(table)) throw new StartRefused("BACKUP_UNUSABLE", "The backup holds a table that its migrations do not make.");
    if (table !== current || characters > BATCH_CHARACTERS) await flush();
    current = table;
    batch.push(json);
    characters += json.length;
  }
  await flush();
}
