import { pino } from "pino";
import type { Log } from "../domain/log.ts";
import { loadConfig } from "./config/config.ts";
import { type Environment, readEnvironment } from "./config/env.ts";
import { greet } from "./greet.ts";
import { createLog } from "./log.ts";
import { isFirstStart, openRelayDatabase, type ServeOptions } from "./open-relay-database.ts";
import { awaitSignal, stopOn } from "./stop-on-signal.ts";

const STANDARD_ERROR = 2;
const MAX_WRITE_BYTES = 4_096;
const LOG_DELAY_MS = 100;

/**
 * Runs a relay until it is told to stop. `said` are variables that the command line sets in place of the environment. What
 * it says to people goes to standard output, its log to standard error. Throws StartRefused.
 */
export async function runRelay(said: Environment["variables"], isRestored: boolean): Promise<void> {
  const environment = readEnvironment(said);
  const { config, secrets } = loadConfig(environment);
  // A line never waits for its reader, and those of one moment are written together. Several processes may share the pipe,
  // which keeps so many bytes together.
  const destination = pino.destination({ fd: STANDARD_ERROR, sync: false, minLength: MAX_WRITE_BYTES / 2, maxWrite: MAX_WRITE_BYTES, periodicFlush: LOG_DELAY_MS });
  const log = createLog({ level: config.logLevel, destination });
  logWhatNobodyExpected(log);
  const options: ServeOptions = { environment, config, secrets, isRestored, log };
  if (config.workers === 1) await serve(options);
  else await (await import("./workers/serve-with-workers.ts")).serveWithWorkers(options);
}

async function serve(options: ServeOptions): Promise<void> {
  const { environment, config, secrets, isRestored, log } = options;
  const signalled = awaitSignal();
  const isNew = isFirstStart(config);
  // Most of the relay is loaded while the database comes up: each takes about as long as the other.
  const [database, { composeRelay }] = await Promise.all([openRelayDatabase(options), import("./compose.ts")]);
  const { checkoutFolder } = environment;
  const relay = await composeRelay({ config, database, isRestored, natsUrl: secrets.natsUrl, checkoutFolder, log }).catch(async (error: unknown) => {
    await database.close();
    throw error;
  });
  greet(relay, config.dataFolder, isNew);
  await stopOn(signalled, relay.stop, config.limits.shutdownSeconds, log);
}

/** Node would print the error's text, which may quote what somebody sent. */
function logWhatNobodyExpected(log: Log): void {
  process.on("uncaughtException", (error: unknown) => {
    log.error("the relay ends, because of an error that nobody expected", { error });
    process.exit(1);
  });
}
