import type { TestProject } from "vitest/node";
import { startDatabaseServer } from "../../support/database-server.ts";

/** The database alone: what `npm start` runs is not built anew for every rule that is taken away. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { migrated, stop } = await startDatabaseServer();
  project.provide("database", migrated);
  return stop;
}
