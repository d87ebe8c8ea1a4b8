import { PrismaPg } from "@prisma/adapter-pg";
import type { PoolConfig } from "pg";
import { type Prisma, PrismaClient } from "./generated/client.ts";

/** The client outside of a transaction, or the one of the transaction under way. */
export type Database = Prisma.TransactionClient;

/** How long a request waits for a free connection before it is told that the database is not available. */
const CONNECTION_TIMEOUT_MS = 2_000;

/** The database client. `$disconnect` closes its connections. */
export function createPrismaClient(pool: PoolConfig): PrismaClient {
  return new PrismaClient({ adapter: new PrismaPg({ connectionTimeoutMillis: CONNECTION_TIMEOUT_MS, ...pool }) });
}
