import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { openDatabase } from "../../src/storage/open-database.ts";
import { createTemporaryFolder } from "./folders.ts";
import { silentLog, systemClock } from "./quiet.ts";

declare module "vitest" {
  interface ProvidedContext {
    database: { host: string; port: number; user: string; template: string };
  }
}

/** One real PostgreSQL for the whole run. Its migrated database is the template that every test file clones. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await createTemporaryFolder();
  const database = await openDatabase({
    databaseUrl: undefined,
    dataFolder: folder.path,
    migrationsFolder: join(import.meta.dirname, "../../prisma/migrations"),
    log: silentLog,
    clock: systemClock,
  });
  const { host, port, user, database: template } = database.connection;
  project.provide("database", { host: String(host), port: Number(port), user: String(user), template: String(template) });
  return async () => {
    await database.close();
    await folder.remove();
  };
}
