import { randomBytes } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";

export interface TestDatabase {
  /** What `pg`, and so the relay, connects with. */
  connection: { host: string; port: number; user: string; database: string };
  /** Also cuts what is still connected. */
  drop(): Promise<void>;
}

/**
 * A database of its own for a test file, migrated and empty; or a copy of `template`, which nobody may be connected to.
 * The caller drops it.
 */
export async function createTestDatabase(template = inject("database").database): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString("hex")}`;
  await administer(`CREATE DATABASE "${name}" TEMPLATE "${template}"`);
  return {
    connection: connectionTo(name),
    drop: () => administer(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`),
  };
}

/** A database without any table. */
export function createEmptyDatabase(): Promise<TestDatabase> {
  return createTestDatabase("template0");
}

function connectionTo(database: string): TestDatabase["connection"] {
  const { host, port, user } = inject("database");
  return { host, port, user, database };
}

async function administer(statement: string): Promise<void> {
  const client = new pg.Client(connectionTo("postgres"));
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
