import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "../domain/log.ts";
import { openDatabase, type RelayDatabase } from "../storage/open-database.ts";
import { systemClock } from "./adapters/system.ts";
import type { Config } from "./config/config.ts";
import type { Environment } from "./config/env.ts";
import type { Secrets } from "./config/secrets.ts";

/** What a relay is started with. */
export interface ServeOptions {
  environment: Environment;
  config: Config;
  secrets: Secrets;
  /** The operator says that the data come from a backup. */
  isRestored: boolean;
  log: Log;
}

/** To be asked before anything is opened. */
export function isFirstStart({ dataFolder }: Config): boolean {
  return !existsSync(join(dataFolder, "relay.keys"));
}

/** The database that the configuration names, reachable and migrated. Throws StartRefused. */
export function openRelayDatabase({ environment: { checkoutFolder }, config, secrets, log }: ServeOptions): Promise<RelayDatabase> {
  return openDatabase({
    databaseUrl: secrets.databaseUrl?.reveal(),
    dataFolder: config.dataFolder,
    migrationsFolder: join(checkoutFolder, "prisma/migrations"),
    log,
    clock: systemClock,
  });
}
