import { existsSync } from "node:fs";
import { join } from "node:path";
import { pino } from "pino";
import type { Log } from "../domain/log.ts";
import { StartRefused } from "../domain/start-refused.ts";
import { openDatabase } from "../storage/open-database.ts";
import { systemClock } from "./adapters/system.ts";
import type { Relay } from "./compose.ts";
import { type Config, loadConfig } from "./config/config.ts";
import { type Environment, readEnvironment } from "./config/env.ts";
import type { Secrets } from "./config/secrets.ts";
import { createLog } from "./log.ts";

const STANDARD_ERROR = 2;
const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/**
 * Runs a relay until it is told to stop, and resolves with the exit code. What it says to people goes to standard output,
 * its log to standard error. `isRestored` says that the data come from a backup.
 */
export async function main({ isRestored }: { isRestored: boolean }): Promise<number> {
  try {
    const environment = readEnvironment();
    const { config, secrets } = loadConfig(environment);
    const log = createLog({ level: config.logLevel, destination: pino.destination({ fd: STANDARD_ERROR, sync: true }) });
    logWhatNobodyExpected(log);
    await serve({ environment, config, secrets, isRestored, log });
    return 0;
  } catch (error) {
    if (!(error instanceof StartRefused)) throw error;
    process.stderr.write(`peerbrain: ${error.message}\n`);
    return 1;
  }
}

interface ServeOptions {
  environment: Environment;
  config: Config;
  secrets: Secrets;
  isRestored: boolean;
  log: Log;
}

async function serve({ environment: { checkoutFolder }, config, secrets, isRestored, log }: ServeOptions): Promise<void> {
  const signalled = awaitSignal();
  const isFirstStart = !existsSync(join(config.dataFolder, "relay.keys"));
  const opening = openDatabase({
    databaseUrl: secrets.databaseUrl?.reveal(),
    dataFolder: config.dataFolder,
    migrationsFolder: join(checkoutFolder, "prisma/migrations"),
    log,
    clock: systemClock,
  });
  // Most of the relay is loaded while the database comes up: each takes about as long as the other.
  const [database, { composeRelay }] = await Promise.all([opening, import("./compose.ts")]);
  const relay = await composeRelay({ config, database, isRestored, checkoutFolder, log }).catch(async (error: unknown) => {
    await database.close();
    throw error;
  });
  greet(relay, config.dataFolder, isFirstStart);
  await stopOn(signalled, relay, config.limits.shutdownSeconds, log);
}

/** Node would print the error's text, which may quote what somebody sent. */
function logWhatNobodyExpected(log: Log): void {
  process.on("uncaughtException", (error: unknown) => {
    log.error("the relay ends, because of an error that nobody expected", { error });
    process.exit(1);
  });
}

/** Listens from the beginning: a signal during the start stops the relay when it has started. */
function awaitSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of SIGNALS) process.on(signal, () => resolve(signal));
  });
}

function greet(relay: Relay, dataFolder: string, isFirstStart: boolean): void {
  const lines = [
    `PeerBrain ${relay.version} is ready.`,
    `  API            ${relay.url}`,
    `  subscriptions  ${relay.socketUrl}`,
    `  playground     ${relay.playgroundUrl ?? "off"}`,
    `  data folder    ${dataFolder} (${isFirstStart ? "created" : "reused"})`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

async function stopOn(signalled: Promise<NodeJS.Signals>, relay: Relay, shutdownSeconds: number, log: Log): Promise<void> {
  log.info("relay stopping", { signal: await signalled });
  const deadline = setTimeout(() => {
    log.error("the relay did not stop in time");
    process.exit(1);
  }, shutdownSeconds * 1000).unref();
  await relay.stop();
  clearTimeout(deadline);
  log.info("relay stopped");
}
