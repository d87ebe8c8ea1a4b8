import type { TestProject } from "vitest/node";
import { type DatabaseAddress, startDatabaseServer } from "./database-server.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Migrated and empty: every test file clones it. */
    database: DatabaseAddress;
  }
}

/** One real PostgreSQL for the whole run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { migrated, stop } = await startDatabaseServer();
  project.provide("database", migrated);
  return stop;
}
