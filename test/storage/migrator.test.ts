import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { connectDatabase } from "../../src/storage/connect-database.ts";
import { applyMigrations } from "../../src/storage/migrator.ts";
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from "../support/database.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../support/folders.ts";
import { recordingLog, silentLog } from "../support/quiet.ts";
import { expectStartRefused } from "../support/start-refusal.ts";

const FIRST = 'CREATE TABLE "Thing" ("id" INTEGER PRIMARY KEY);\nINSERT INTO "Thing" VALUES (1), (2);\n';
const SECOND = 'ALTER TABLE "Thing" ADD COLUMN "name" TEXT;\n';

describe("migrations applied at start", () => {
  let folder: TemporaryFolder;
  let database: TestDatabase;
  let client: pg.Client;

  beforeEach(async () => {
    folder = await createTemporaryFolder();
    database = await createEmptyDatabase();
    client = await connectDatabase(database.connection);
    await write("20260101000000_first", FIRST);
  });
  afterEach(async () => {
    await client.end();
    await database.drop();
    await folder.remove();
  });

  const write = async (name: string, sql: string): Promise<void> => {
    await mkdir(join(folder.path, name), { recursive: true });
    await writeFile(join(folder.path, name, "migration.sql"), sql);
  };
  const apply = () => applyMigrations(client, folder.path, silentLog);
  const bookkeeping = async () => (await client.query('SELECT * FROM "_prisma_migrations" ORDER BY migration_name')).rows;

  it("applies what is missing, in order of name, and nothing twice", async () => {
    await write("20260202000000_second", SECOND);
    await writeFile(join(folder.path, "migration_lock.toml"), "provider = \"postgresql\"\n");
    const log = recordingLog();
    expect(await applyMigrations(client, folder.path, log)).toEqual(["20260101000000_first", "20260202000000_second"]);
    expect(log.lines.map(({ fields }) => fields?.migration)).toEqual(["20260101000000_first", "20260202000000_second"]);
    expect(await apply()).toEqual([]);
    expect((await client.query('SELECT "id", "name" FROM "Thing" ORDER BY 1')).rows).toEqual([{ id: 1, name: null }, { id: 2, name: null }]);
  });

  it("keeps Prisma's own books: name, sha256 of the file, finished, one step", async () => {
    await apply();
    const checksum = createHash("sha256").update(FIRST).digest("hex");
    expect(await bookkeeping()).toMatchObject([{
      migration_name: "20260101000000_first", checksum, applied_steps_count: 1, rolled_back_at: null, logs: null,
      finished_at: expect.any(Date), started_at: expect.any(Date),
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    }]);
  });

  it("applies a file wholly or not at all", async () => {
    await write("20260202000000_second", `${SECOND}ALTER TABLE "Nowhere" ADD COLUMN "x" TEXT;\n`);
    await expect(apply()).rejects.toThrow(/20260202000000_second.*relation "Nowhere" does not exist.*as it was before/s);
    expect(await bookkeeping()).toHaveLength(1);
    await expect(client.query('SELECT "name" FROM "Thing"')).rejects.toThrow('column "name" does not exist');

    await write("20260202000000_second", SECOND);
    expect(await apply()).toEqual(["20260202000000_second"]);
  });

  it("does not apply a file that it cannot book", async () => {
    await write("20260202000000_second", `${SECOND}ALTER TABLE "_prisma_migrations" RENAME COLUMN "checksum" TO "sum";\n`);
    await expectStartRefused(apply(), "MIGRATION_FAILED", "as it was before");
    await expect(client.query('SELECT "name" FROM "Thing"')).rejects.toThrow('column "name" does not exist');
    expect(await bookkeeping()).toHaveLength(1);
  });

  it("never quotes the values that a migration met", async () => {
    await write("20260202000000_second", `INSERT INTO "Thing" VALUES (1);`);
    await expectStartRefused(apply(), "MIGRATION_FAILED", "20260202000000_second cannot be applied (23505);");
  });

  it("refuses a migration that was changed after it was applied", async () => {
    await apply();
    await write("20260101000000_first", `${FIRST}-- a harmless remark\n`);
    await expectStartRefused(apply(), "MIGRATION_CHANGED", "20260101000000_first");
  });

  it("refuses a database that is newer than the code", async () => {
    await write("20260202000000_second", SECOND);
    await apply();
    const older = await createTemporaryFolder();
    await mkdir(join(older.path, "20260101000000_first"));
    await writeFile(join(older.path, "20260101000000_first", "migration.sql"), FIRST);
    await expectStartRefused(applyMigrations(client, older.path, silentLog), "DATABASE_NEWER", "20260202000000_second");
    await older.remove();
  });

  it("refuses a database that holds another program's tables, and leaves it as it is", async () => {
    await client.query("CREATE TABLE customers (id INTEGER)");
    await expectStartRefused(apply(), "DATABASE_FOREIGN", "nothing in it was touched");
    const { rows } = await client.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'");
    expect(rows).toEqual([{ tablename: "customers" }]);
  });

  it("refuses a migration that another tool began and never finished", async () => {
    await apply();
    await client.query('UPDATE "_prisma_migrations" SET finished_at = NULL');
    await expectStartRefused(apply(), "MIGRATION_FAILED", "never finished");
  });

  it("lets one of several starts do the work, and the others find it done", async () => {
    const clients = await Promise.all([1, 2, 3, 4].map(() => connectDatabase(database.connection)));
    const results = await Promise.all(clients.map((each) => applyMigrations(each, folder.path, silentLog)));
    expect(results.flat()).toEqual(["20260101000000_first"]);
    await Promise.all(clients.map((each) => each.end()));
  });

  it("leaves no lock behind, refused or not", async () => {
    await apply();
    await write("20260101000000_first", SECOND);
    await expectStartRefused(apply(), "MIGRATION_CHANGED", "first");
    const { rows } = await client.query("SELECT FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())");
    expect(rows).toEqual([]);
  });
});

describe("the migrations of this repository", () => {
  it("are what every test database starts from", async () => {
    const database = await createTestDatabase();
    const client = await connectDatabase(database.connection);
    expect(await applyMigrations(client, join(import.meta.dirname, "../../prisma/migrations"), silentLog)).toEqual([]);
    expect((await client.query('SELECT * FROM "RelayMeta"')).rows).toEqual([]);
    await client.end();
    await database.drop();
  });
});
