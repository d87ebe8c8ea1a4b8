import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type pg from "pg";

/** What the operator of the relay holds: every row of every table. */
export async function dumpDatabase(database: pg.Client): Promise<Buffer> {
  const { rows: tables } = await database.query<{ name: string }>("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'");
  const parts: Buffer[] = [];
  for (const { name } of tables) {
    const { rows } = await database.query<Record<string, unknown>>(`SELECT * FROM "${name}"`);
    for (const row of rows) for (const value of Object.values(row)) parts.push(toBytes(value), Buffer.from("\n"));
  }
  return Buffer.concat(parts);
}

/** The files of the database as they lie on the disk, the write-ahead log among them. */
export async function readDatabaseFiles(dataFolder: string): Promise<Buffer> {
  const folder = join(dataFolder, "postgres");
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Buffer.concat(await Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name)))));
}

/** The newest row of a chain, as it is stored. */
export async function findNewestEntry(database: pg.Client, author: Uint8Array): Promise<{ seq: string; type: number; payload: Buffer | null }> {
  const { rows } = await database.query<{ seq: string; type: number; payload: Buffer | null }>(
    'SELECT seq, type, payload FROM "Entry" WHERE author = $1 ORDER BY seq DESC LIMIT 1',
    [Buffer.from(author)],
  );
  if (rows[0] === undefined) throw new Error("The relay stores no entry of this author.");
  return rows[0];
}

/** The sealed grants of one author to one recipient. */
export async function findGrants(database: pg.Client, author: Uint8Array, recipient: Uint8Array): Promise<Buffer[]> {
  const { rows } = await database.query<{ bytes: Buffer }>('SELECT bytes FROM "Grant" WHERE author = $1 AND recipient = $2', [
    Buffer.from(author),
    Buffer.from(recipient),
  ]);
  return rows.map(({ bytes }) => bytes);
}

function toBytes(value: unknown): Buffer {
  if (Buffer.isBuffer(value)) return value;
  return Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
}
