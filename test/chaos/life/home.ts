import { join } from "node:path";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { createTemporaryFolder } from "../../support/folders.ts";
import { startRelayProcess } from "../../support/relay-process.ts";

/** Where people live: a relay, and what its operator holds. */
export interface Home {
  /** Scheme, host and port. */
  origin: string;
  database: TestDatabase;
  dataFolder: string;
  stop(): Promise<void>;
}

const generous = {
  PEERBRAIN_LOG_LEVEL: "error",
  PEERBRAIN_APPENDS_PER_USER_MINUTE: "1000000",
  PEERBRAIN_READS_PER_MINUTE: "1000000",
  PEERBRAIN_REGISTRATIONS_PER_ADDRESS_HOUR: "1000000",
  PEERBRAIN_LOGIN_STARTS_PER_USER_MINUTE: "10000",
  PEERBRAIN_LOGIN_STARTS_PER_ADDRESS_MINUTE: "1000000",
  PEERBRAIN_FRIEND_REQUESTS_PER_USER_DAY: "1000000",
  PEERBRAIN_MAX_SOCKETS_PER_ADDRESS: "1000",
};

/**
 * A relay in a process of its own, so that it has a processor of its own. Nobody pulls its plug: its database need not wait
 * for the disk.
 */
export async function startHome(): Promise<Home> {
  const [database, folder] = await Promise.all([createTestDatabase(), createTemporaryFolder()]);
  const { host, port, user, database: name } = database.connection;
  const settings = new URLSearchParams({ host, options: "-c synchronous_commit=off" });
  const dataFolder = join(folder.path, "data");
  const relay = await startRelayProcess(dataFolder, { ...generous, DATABASE_URL: `postgresql://${user}@localhost:${port}/${name}?${settings}` });
  return {
    origin: relay.origin,
    database,
    dataFolder,
    async stop() {
      relay.signal("SIGTERM");
      await relay.exited;
      await database.drop();
      await folder.remove();
    },
  };
}
