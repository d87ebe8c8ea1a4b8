import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { logOlderCards } from "../domain/key-log/log-older-cards.ts";
import type { Log } from "../domain/log.ts";
import type { StreamControl } from "../domain/ports/index.ts";
import type { Viewer } from "../domain/viewer.ts";
import type { OperationReport } from "../realtime/graphql-ws/operations.ts";
import { createSocketServer } from "../realtime/graphql-ws/socket-server.ts";
import { createFeedSource } from "../realtime/feed-source.ts";
import { Tick } from "../realtime/tick.ts";
import { recheckSessions } from "../realtime/recheck-sessions.ts";
import { buildRelaySchema } from "../resolvers/build-schema.ts";
import { createSharedContext, type RelayContext } from "../resolvers/context.ts";
import { createLoaders } from "../resolvers/loaders.ts";
import { readDatabaseIdentity } from "../storage/database-identity.ts";
import type { RelayDatabase } from "../storage/open-database.ts";
import { createPrismaClient } from "../storage/prisma-client.ts";
import { createRelayMetaRepository } from "../storage/prisma-relay-meta-repository.ts";
import { createUnitOfWork } from "../storage/unit-of-work.ts";
import { systemClock, systemRandom } from "./adapters/system.ts";
import { createOriginCheck, type IsAllowedOrigin } from "./allowed-origins.ts";
import { startApollo } from "./apollo.ts";
import { clientAddress, type RequestOrigin } from "./client-address.ts";
import { composeServices } from "./compose-services.ts";
import { allowedOrigins, publicUrlOf } from "./config/addresses.ts";
import type { Config } from "./config/config.ts";
import type { Secret } from "./config/secrets.ts";
import { countRestorations } from "./count-restorations.ts";
import { createBus } from "./create-bus.ts";
import { createErrorFormatter } from "./errors.ts";
import { createHealth } from "./health.ts";
import { createHttpDrain } from "./http-drain.ts";
import { createHttpServer, GRAPHQL_PATH, PLAYGROUND_PATH } from "./http.ts";
import { openRelayKeys } from "./keys/open-relay-keys.ts";
import { listen } from "./listen.ts";
import { createOperationGate } from "./operation-gate.ts";
import { countHere, limitRates } from "./rate-limits.ts";
import { describeOperation } from "./request-record.ts";
import { readSoftwareVersion } from "./software-version.ts";
import { countTogether } from "./workers/count-together.ts";

export interface RelayOptions {
  config: Config;
  /** Reachable and migrated. The relay closes it when it stops. */
  database: RelayDatabase;
  /** The operator says that the database comes from a backup, which its files alone do not show. */
  isRestored: boolean;
  /** Of the bus, where it is one over NATS. */
  natsUrl?: Secret | undefined;
  /** When this process is one of several that share the port: what the first of them found out for all. */
  shared?: { restorations: number } | undefined;
  /** Where schema.graphql, package.json and dist/ lie. */
  checkoutFolder: string;
  log: Log;
}

export interface Relay {
  version: string;
  port: number;
  /** Of the API. */
  url: string;
  /** Of the subscriptions. */
  socketUrl: string;
  playgroundUrl: string | undefined;
  /** Answers what is under way, then lets go of everything. */
  stop(): Promise<void>;
  /** The same, while other processes go on listening on the port: no client is refused. */
  retire(): Promise<void>;
}

/** Of the time to stop in, how much requests under way may take. */
const ANSWERING_SHARE = 0.6;
const DISCONNECT_MS = 1_000;
const HANDOVER_MS = 250;
const RECHECK_MS = 10_000;

/** Of requests over HTTP, which carry no streams. */
const noStream: StreamControl = { onOverflow: () => undefined };

/** Builds the relay once, from the configuration to the open port. Throws StartRefused with what the operator can do. */
export async function composeRelay({ config, database, isRestored, natsUrl, shared, checkoutFolder, log }: RelayOptions): Promise<Relay> {
  const { limits } = config;
  const clock = systemClock;
  const random = systemRandom;
  const version = readSoftwareVersion(checkoutFolder);
  let isStopping = false;
  let isAllowedOrigin: IsAllowedOrigin = () => false;

  // Adapters.
  const prisma = createPrismaClient({ ...database.connection, max: limits.maxDatabaseConnections });
  const meta = createRelayMetaRepository(prisma);
  const keys = await openRelayKeys(config.dataFolder, meta);
  const databaseIdentity = await readDatabaseIdentity(prisma);
  const restorations = shared?.restorations ?? (await countRestorations(meta, databaseIdentity, isRestored));
  const unitOfWork = createUnitOfWork(prisma);
  const bus = await createBus({ kind: config.bus, connection: database.connection, natsUrl, keys, databaseIdentity, random, log });
  const tick = new Tick();
  const feedSource = createFeedSource({ unitOfWork, bus, tick, log, limits });

  // Rules, and the contract over them.
  const services = await composeServices({ keys, unitOfWork, bus, feedSource, clock, random, limits, restorations, softwareVersion: version });
  const count = await logOlderCards(unitOfWork);
  if (count > 0) log.info("cards from before the key log entered it", { count });
  const schema = buildRelaySchema(readFileSync(join(checkoutFolder, "schema.graphql"), "utf8"));
  limitRates(schema, limits, shared ? countTogether : countHere);

  // What both transports share.
  const gate = createOperationGate({ schema, introspection: config.hasIntrospection, limits });
  const formatError = createErrorFormatter({ log, random });
  const { authenticate } = services.sessions;
  const addressOf = (request: RequestOrigin): string => clientAddress(request, config.trustedProxyHops);
  const createContext = (asker: { viewer: Viewer | undefined; address: string; stream?: StreamControl }): RelayContext => ({
    viewer: asker.viewer,
    address: asker.address,
    stream: asker.stream ?? noStream,
    services,
    loaders: createLoaders(services),
  });

  // Transports.
  const sockets = createSocketServer({
    schema,
    admit: gate.admit,
    createContext,
    createSharedContext: () => createSharedContext(services),
    formatError,
    report: (report) => logOperation(log, report),
    nowMs: clock.nowMs,
    authenticate,
    addressOf,
    isAllowedOrigin: (origin) => isAllowedOrigin(origin),
    bus,
    tick,
    limits,
    log,
  });
  const apollo = await startApollo({ schema, gate, formatError, log });
  const server = createHttpServer({
    apollo,
    health: createHealth({ pingDatabase: () => prisma.$queryRaw`SELECT 1`, isStopping: () => isStopping }),
    authenticate,
    createContext,
    addressOf,
    handleUpgrade: sockets.handleUpgrade,
    isAllowedOrigin: (origin) => isAllowedOrigin(origin),
    formatError,
    playgroundFolder: config.hasPlayground ? join(checkoutFolder, "dist/web") : undefined,
    limits,
    log,
    clock,
  });
  const http = createHttpDrain(server);

  const port = await listen(server, config);
  isAllowedOrigin = createOriginCheck(allowedOrigins(config, port));
  const publicUrl = publicUrlOf(config, port);
  const answeringMs = limits.shutdownSeconds * 1000 * ANSWERING_SHARE;

  const stopRechecking = recheckSessions({ bus, listViewers: sockets.listViewers, sessions: unitOfWork.repositories.sessions, log, everyMs: RECHECK_MS });

  async function letGo(): Promise<void> {
    stopRechecking();
    await apollo.stop();
    await bus.close();
    // A query that hangs would keep its connection for ever; the database ends it.
    await Promise.race([prisma.$disconnect(), sleep(DISCONNECT_MS, undefined, { ref: false })]);
    await database.close();
  }

  return {
    version,
    port,
    url: `${publicUrl}${GRAPHQL_PATH}`,
    socketUrl: `${publicUrl.replace(/^http/, "ws")}${GRAPHQL_PATH}`,
    playgroundUrl: config.hasPlayground ? `${publicUrl}${PLAYGROUND_PATH}` : undefined,
    async stop() {
      isStopping = true;
      await Promise.all([http.drain(answeringMs), sockets.close()]);
      await letGo();
    },
    async retire() {
      // Whoever was handed over at the last moment still gets an answer.
      await Promise.all([http.retire(answeringMs), sleep(HANDOVER_MS).then(sockets.close)]);
      await letGo();
    },
  };
}

/** One line for each operation that came over a WebSocket, as there is one for each request over HTTP. */
function logOperation(log: Log, { operation, codes: [code], durationMs }: OperationReport): void {
  log.info("operation", {
    ...(operation && { operation: describeOperation(operation) }),
    ...(typeof code === "string" && { code }),
    durationMs,
  });
}
