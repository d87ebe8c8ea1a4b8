import { join } from "node:path";
import { composeRelay, type Relay } from "../../src/server/compose.ts";
import type { Config } from "../../src/server/config/config.ts";
import { defaultLimits, type Limits } from "../../src/server/config/limits.ts";
import { createLog } from "../../src/server/log.ts";
import { createTestDatabase, type TestDatabase } from "./database.ts";
import { createTemporaryFolder } from "./folders.ts";

/** Tests register and append more in a minute than people do. What a test is about, it sets itself. */
const generousRates: Partial<Limits> = {
  loginStartsPerUserMinute: 10_000,
  loginStartsPerAddressMinute: 100_000,
  registrationsPerAddressHour: 100_000,
  friendRequestsPerUserDay: 100_000,
  appendsPerUserMinute: 100_000,
  readsPerMinute: 1_000_000,
};

export interface RunningRelay {
  /** Of the API. */
  url: string;
  wsUrl: string;
  /** Scheme, host and port. */
  origin: string;
  port: number;
  config: Config;
  database: TestDatabase;
  /** Every line that the relay logged, as written. */
  logs: string[];
  stop(): Promise<void>;
}

export interface RunningRelayOptions {
  limits?: Partial<Limits>;
  config?: Partial<Omit<Config, "limits">>;
  isRestored?: boolean;
  /** Copied for this relay; an empty one by default. */
  databaseTemplate?: string;
  /** How the relay reaches its database, when not directly. */
  connectThrough?: (database: TestDatabase) => Promise<TestDatabase["connection"]>;
  /** With a schema, a version and pages of its own; this checkout by default. */
  checkoutFolder?: string;
}

/** The real relay in this process, on a database, a data folder and a port of its own. */
export async function startTestRelay(options: RunningRelayOptions = {}): Promise<RunningRelay> {
  const [database, folder] = await Promise.all([createTestDatabase(options.databaseTemplate), createTemporaryFolder()]);
  const config: Config = {
    dataFolder: join(folder.path, "data"),
    host: "127.0.0.1",
    port: 0,
    publicUrl: undefined,
    origins: [],
    trustedProxyHops: 0,
    hasIntrospection: true,
    hasPlayground: true,
    logLevel: "debug",
    workers: 1,
    bus: "process",
    ...options.config,
    limits: { ...defaultLimits, ...generousRates, ...options.limits },
  };
  const logs: string[] = [];
  const clean = async (): Promise<void> => {
    await database.drop();
    await folder.remove();
  };
  const relay: Relay = await composeRelay({
    config,
    isRestored: options.isRestored ?? false,
    database: { connection: (await options.connectThrough?.(database)) ?? database.connection, close: async () => undefined },
    checkoutFolder: options.checkoutFolder ?? join(import.meta.dirname, "../.."),
    log: createLog({ level: config.logLevel, destination: { write: (line) => void logs.push(line) } }),
  }).catch(async (error: unknown) => {
    await clean();
    throw error;
  });

  return {
    url: relay.url,
    wsUrl: relay.socketUrl,
    origin: new URL(relay.url).origin,
    port: relay.port,
    config,
    database,
    logs,
    async stop() {
      await relay.stop();
      await clean();
    },
  };
}
