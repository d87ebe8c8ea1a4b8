import { PrismaPg } from "@prisma/adapter-pg";
import type { PoolConfig } from "pg";
import { Prisma, PrismaClient } from "./generated/client.ts";
import { toDomainError } from "./storage-error.ts";

/** The client outside of a transaction, or the one of the transaction under way. */
export type Database = Prisma.TransactionClient;

/** How long a request waits for a free connection before it is told that the database is not available. */
const CONNECTION_TIMEOUT_MS = 2_000;

/** Every statement, in or outside of a transaction, tells a database that does not answer by UNAVAILABLE. */
const domainErrors = Prisma.defineExtension({
  name: "domain errors",
  query: {
    async $allOperations({ args, query }): Promise<unknown> {
      try {
        return (await query(args)) as unknown;
      } catch (error) {
        throw toDomainError(error);
      }
    },
  },
});

/** The database client. `$disconnect` closes its connections. */
export function createPrismaClient(pool: PoolConfig): PrismaClient {
  const client = new PrismaClient({ adapter: new PrismaPg({ connectionTimeoutMillis: CONNECTION_TIMEOUT_MS, ...pool }) });
  // The extension changes what statements throw and nothing that the type tells; Prisma gives it another type all the same.
  return client.$extends(domainErrors) as unknown as PrismaClient;
}
