import { join } from "node:path";
import type { UnitOfWork } from "../../domain/ports/index.ts";
import { StartRefused } from "../../domain/start-refused.ts";
import { examineDatabase } from "../../storage/examine-database.ts";
import type { RelayDatabase } from "../../storage/open-database.ts";
import { createPrismaClient, type DatabaseClient } from "../../storage/prisma-client.ts";
import { reachDatabase } from "../../storage/reach-database.ts";
import { createUnitOfWork } from "../../storage/unit-of-work.ts";
import { systemClock } from "../adapters/system.ts";
import { type Config, loadConfig } from "../config/config.ts";
import { type Environment, readEnvironment } from "../config/env.ts";
import { createLog } from "../log.ts";

/** What a relay stores, for whoever runs it. */
export interface RelayData {
  config: Config;
  checkoutFolder: string;
  connection: RelayDatabase["connection"];
  database: DatabaseClient;
  unitOfWork: UnitOfWork;
}

export const silentLog = createLog({ level: "silent" });

/** Does some work on the data of the configured relay, whether it runs or not. Throws StartRefused. */
export async function withRelayData<T>(said: Environment["variables"], work: (data: RelayData) => Promise<T>): Promise<T> {
  const environment = readEnvironment(said);
  const { config, secrets } = loadConfig(environment);
  const reached = await reachDatabase({ databaseUrl: secrets.databaseUrl?.reveal(), dataFolder: config.dataFolder, log: silentLog, clock: systemClock });
  try {
    const { checkoutFolder } = environment;
    await demandSchema(reached, checkoutFolder);
    const database = createPrismaClient({ ...reached.connection, max: 2 });
    try {
      return await work({ config, checkoutFolder, connection: reached.connection, database, unitOfWork: createUnitOfWork(database) });
    } finally {
      await database.$disconnect();
    }
  } finally {
    await reached.close();
  }
}

async function demandSchema({ connection }: RelayDatabase, checkoutFolder: string): Promise<void> {
  const { missingMigrations } = await examineDatabase(connection, join(checkoutFolder, "prisma/migrations"));
  if (missingMigrations?.length === 0) return;
  throw new StartRefused("SCHEMA_OLD", "The database has not been used by this version yet: start the relay once, which brings its tables up to date.");
}
