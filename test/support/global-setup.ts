import type { TestProject } from "vitest/node";
import { buildIfOlder } from "../../scripts/build-if-older.ts";
import { type DatabaseAddress, startDatabaseServer } from "./database-server.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Migrated and empty: every test file clones it. */
    database: DatabaseAddress;
  }
}

/** One real PostgreSQL for the whole run, and the relay as `npm start` runs it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  buildIfOlder((line) => process.stderr.write(`${line}\n`));
  const { migrated, stop } = await startDatabaseServer();
  project.provide("database", migrated);
  return stop;
}
