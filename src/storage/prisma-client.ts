import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { Prisma, PrismaClient } from "./generated/client.ts";
import { type RunStatement, statementsOn } from "./statements.ts";
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

/** The database client, and what goes past Prisma on the same connections. */
export type DatabaseClient = PrismaClient & { readonly $statement: RunStatement };

/** The database client. `$disconnect` closes its connections. */
export function createPrismaClient(options: pg.PoolConfig): DatabaseClient {
  const pool = new pg.Pool({ connectionTimeoutMillis: CONNECTION_TIMEOUT_MS, ...options });
  // The pool replaces a connection that breaks; an error without a listener would end the relay.
  pool.on("error", () => undefined);
  const client = new PrismaClient({ adapter: new PrismaPg(pool, { disposeExternalPool: true }) });
  // The extensions change no type but that of $statement; Prisma gives the client another one all the same.
  return client.$extends(domainErrors).$extends({ client: { $statement: statementsOn(pool) } }) as unknown as DatabaseClient;
}
