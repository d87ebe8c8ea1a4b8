import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type pg from "pg";
import type { Log } from "../domain/log.ts";
import { StartRefused } from "../domain/start-refused.ts";
import { errorCode } from "./error-code.ts";

/** The advisory lock that Prisma's own `migrate deploy` takes, so that the two never run at once. */
const PRISMA_LOCK = 72707369;
const LOCK_TIMEOUT = "60s";

/** Prisma's own bookkeeping, column for column: its commands read and write it too. */
const CREATE_BOOKKEEPING = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  id VARCHAR(36) PRIMARY KEY NOT NULL,
  checksum VARCHAR(64) NOT NULL,
  finished_at TIMESTAMPTZ,
  migration_name VARCHAR(255) NOT NULL,
  logs TEXT,
  rolled_back_at TIMESTAMPTZ,
  started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  applied_steps_count INTEGER NOT NULL DEFAULT 0
)`;

interface Migration {
  name: string;
  sql: string;
  checksum: string;
}

interface AppliedMigration {
  name: string;
  checksum: string;
  isFinished: boolean;
}

/**
 * Brings the database up to the migrations in `folder` (one folder each, applied by name, one transaction each), or to those
 * that `names` names, and returns the names of those that were missing. Throws StartRefused, with nothing half applied: DATABASE_FOREIGN,
 * DATABASE_NEWER, MIGRATION_CHANGED, MIGRATION_FAILED.
 */
export async function applyMigrations(client: pg.Client, folder: string, log: Log, names?: readonly string[]): Promise<string[]> {
  const migrations = (await readMigrations(folder)).filter(({ name }) => names?.includes(name) ?? true);
  await lock(client);
  try {
    const applied = await openBookkeeping(client);
    refuseDifference(migrations, applied);
    const appliedNames = new Set(applied.map(({ name }) => name));
    const missing = migrations.filter(({ name }) => !appliedNames.has(name));
    for (const migration of missing) {
      await applyMigration(client, migration);
      log.info("migration applied", { migration: migration.name });
    }
    return missing.map(({ name }) => name);
  } finally {
    await client.query("SELECT pg_advisory_unlock($1)", [PRISMA_LOCK]);
  }
}

/**
 * The names of the migrations in `folder` that the database lacks; undefined for a database without any table. Changes
 * nothing. Throws StartRefused as applying them would.
 */
export async function findMissingMigrations(client: pg.Client, folder: string): Promise<string[] | undefined> {
  if (!(await hasBookkeeping(client))) return undefined;
  const [migrations, applied] = [await readMigrations(folder), await listApplied(client)];
  refuseDifference(migrations, applied);
  const appliedNames = new Set(applied.map(({ name }) => name));
  return migrations.map(({ name }) => name).filter((name) => !appliedNames.has(name));
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name).sort();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(join(folder, name, "migration.sql"), "utf8");
      return { name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
    }),
  );
}

async function lock(client: pg.Client): Promise<void> {
  await client.query(`SET lock_timeout = '${LOCK_TIMEOUT}'`);
  try {
    await client.query("SELECT pg_advisory_lock($1)", [PRISMA_LOCK]);
  } catch (error) {
    throw new StartRefused("MIGRATION_FAILED", `Another process has been migrating this database for ${LOCK_TIMEOUT}. Start again when it is done.`, { cause: error });
  } finally {
    await client.query("SET lock_timeout = DEFAULT");
  }
}

async function openBookkeeping(client: pg.Client): Promise<AppliedMigration[]> {
  await hasBookkeeping(client);
  await client.query(CREATE_BOOKKEEPING).catch((error: unknown) => {
    throw new StartRefused("MIGRATION_FAILED", `The database's user may not create tables (${errorCode(error)}). Make it the owner of the database.`, { cause: error });
  });
  return listApplied(client);
}

/** False for a database without any table. Throws StartRefused DATABASE_FOREIGN for one whose tables are not ours. */
async function hasBookkeeping(client: pg.Client): Promise<boolean> {
  const { rows: [found] } = await client.query<{ isKnown: boolean; tables: number }>(
    `SELECT to_regclass('"_prisma_migrations"') IS NOT NULL AS "isKnown",
            (SELECT count(*)::integer FROM pg_class
             WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace
               AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')) AS tables`,
  );
  if (found?.isKnown === true) return true;
  if ((found?.tables ?? 0) === 0) return false;
  throw new StartRefused("DATABASE_FOREIGN", "The database holds tables that PeerBrain did not create; nothing in it was touched. Give DATABASE_URL an empty database.");
}

async function listApplied(client: pg.Client): Promise<AppliedMigration[]> {
  const { rows } = await client.query<AppliedMigration>(
    `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS "isFinished"
     FROM "_prisma_migrations" WHERE rolled_back_at IS NULL ORDER BY started_at`,
  );
  return rows;
}

function refuseDifference(migrations: Migration[], applied: AppliedMigration[]): void {
  const checksums = new Map(migrations.map(({ name, checksum }) => [name, checksum]));
  for (const { name, checksum, isFinished } of applied) {
    const known = checksums.get(name);
    if (known === undefined) {
      throw new StartRefused("DATABASE_NEWER", `The database holds the migration ${name}, which this version does not know: a newer PeerBrain, or another program, wrote it. Run that version, or restore a backup.`);
    }
    if (!isFinished) {
      throw new StartRefused("MIGRATION_FAILED", `The migration ${name} was begun by another tool and never finished. Settle it with \`prisma migrate resolve\`, or restore a backup.`);
    }
    if (known !== checksum) {
      throw new StartRefused("MIGRATION_CHANGED", `The migration ${name} is not the one that was applied to this database. Restore its file: an applied migration never changes.`);
    }
  }
}

async function applyMigration(client: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  try {
    await client.query("BEGIN");
    await client.query(sql);
    await client.query(
      `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES (gen_random_uuid(), $1, $2, now(), clock_timestamp(), 1)`,
      [checksum, name],
    );
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw new StartRefused("MIGRATION_FAILED", `The migration ${name} cannot be applied (${explain(error)}); the database is as it was before.`, { cause: error });
  }
}

/** Errors of class 42 are about names and syntax in the migration; the text of others may quote what the tables hold. */
function explain(error: unknown): string {
  const code = errorCode(error);
  return code.startsWith("42") && error instanceof Error ? `${code}: ${error.message}` : code;
}
