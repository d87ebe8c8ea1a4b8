import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { type ExecutionResult, graphql } from "graphql";
import type { Bus, Random, RelayEvent, UnitOfWork } from "../../src/domain/ports/index.ts";
import type { Viewer } from "../../src/domain/viewer.ts";
import type { FeedLimits, ReplayPage } from "../../src/realtime/feed-limits.ts";
import { createFeedSource } from "../../src/realtime/feed-source.ts";
import { createInProcessBus } from "../../src/realtime/buses/in-process-bus.ts";
import { buildRelaySchema } from "../../src/resolvers/build-schema.ts";
import type { Services } from "../../src/resolvers/context.ts";
import { createLoaders } from "../../src/resolvers/loaders.ts";
import { composeServices } from "../../src/server/compose-services.ts";
import { defaultLimits } from "../../src/server/config/limits.ts";
import { generateRelayKeys, type RelayKeys } from "../../src/server/keys/relay-keys.ts";
import { createPrismaClient } from "../../src/storage/prisma-client.ts";
import { createUnitOfWork } from "../../src/storage/unit-of-work.ts";
import { createTestDatabase } from "./database.ts";
import type { Json } from "./graphql.ts";
import { atOnce, silentLog } from "./quiet.ts";

/** The services of a relay on a database of their own, without a server in front. */
export interface TestRelay {
  services: Services;
  keys: RelayKeys;
  unitOfWork: UnitOfWork;
  bus: Bus;
  /** The relay's clock; a test may move it. */
  clock: { ms: number; nowMs(): number };
  /** All that was published. */
  events: RelayEvent[];
  /** Runs an operation as this viewer, through the served schema. */
  execute(viewer: Viewer | undefined, source: string, variables?: Record<string, unknown>): Promise<ExecutionResult<Json>>;
  /** The answer to any SQL. */
  sql(statement: string): Promise<Record<string, unknown>[]>;
  /** Every row of every table, as text: equal before and after what changes nothing. */
  dump(): Promise<string>;
  close(): Promise<void>;
}

const schema = buildRelaySchema(readFileSync(new URL("../../schema.graphql", import.meta.url), "utf8"));
const random: Random = { bytes: (count) => new Uint8Array(randomBytes(count)) };

export interface TestRelayOptions {
  /** Of streams. */
  limits?: Partial<FeedLimits>;
  page?: ReplayPage;
  connections?: number;
  /** How often the relay was restored from a backup. */
  restorations?: number;
  /** Comes between the rules and the store. */
  wrapStore?: (unitOfWork: UnitOfWork) => UnitOfWork;
}

export async function createTestRelay({ limits = {}, page, connections = 8, restorations = 0, wrapStore = (unitOfWork) => unitOfWork }: TestRelayOptions = {}): Promise<TestRelay> {
  const database = await createTestDatabase();
  const prisma = createPrismaClient({ ...database.connection, max: connections });
  const unitOfWork = wrapStore(createUnitOfWork(prisma));
  const clock = { ms: 1_800_000_000_000, nowMs: () => clock.ms };
  const events: RelayEvent[] = [];
  const bus = createInProcessBus(silentLog);
  bus.subscribe((event) => events.push(event));
  const keys = await generateRelayKeys();
  const feedSource = createFeedSource({ unitOfWork, bus, tick: atOnce, log: silentLog, limits: { ...defaultLimits, ...limits }, ...(page && { page }) });
  const services = await composeServices({ keys, unitOfWork, bus, feedSource, clock, random, limits: defaultLimits, restorations, softwareVersion: "test" });
  return {
    services,
    keys,
    unitOfWork,
    bus,
    clock,
    events,
    execute(viewer, source, variables) {
      const contextValue = { viewer, services, loaders: createLoaders(services), address: "test", stream: { onOverflow: () => undefined } };
      return graphql({ schema, source, variableValues: variables, contextValue }) as Promise<ExecutionResult<Json>>;
    },
    sql: (statement) => prisma.$queryRawUnsafe(statement),
    async dump() {
      const tables = await prisma.$queryRaw<{ name: string }[]>`SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`;
      const rows = await Promise.all(
        tables.map(({ name }) => prisma.$queryRawUnsafe(`SELECT '${name}' AS name, all_rows::text FROM "${name}" AS all_rows ORDER BY 2`)),
      );
      return JSON.stringify(rows);
    },
    async close() {
      await prisma.$disconnect();
      await database.drop();
    },
  };
}
