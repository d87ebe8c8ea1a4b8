import pg from "pg";
import { appendOne, findAppendBasis } from "../../src/storage/append-one.ts";
import type { ChainRepository } from "../../src/domain/ports/index.ts";
import { type RunStatement, statementsOn } from "../../src/storage/statements.ts";

/** As many as a relay has. */
const MAX_CONNECTIONS = 10;

/** The SQL of an append as the relay asks it, on connections of the peer's own. */
export function openAppendStore(): { run: RunStatement; chains: Pick<ChainRepository, "findAppendBasis" | "appendOne"> } {
  const run = statementsOn(new pg.Pool({ connectionString: process.env["DATABASE_URL"], max: MAX_CONNECTIONS }));
  return {
    run,
    chains: {
      findAppendBasis: (author, entryId) => findAppendBasis(run, author, entryId),
      appendOne: (chain, entry) => appendOne(run, chain, entry),
    },
  };
}
