import pg from "pg";
import type { Database } from "./prisma-client.ts";
import { toDomainError } from "./storage-error.ts";

/** SQL that is asked so often that what Prisma does around it would cost several times the statement itself. */
export interface Statement {
  /** Each connection parses and plans the text under this name once. */
  name: string;
  text: string;
  values: readonly unknown[];
}

/** Answers with the statement's rows. A number of 64 bits may be a `bigint`: whoever reads one converts it. */
export type RunStatement = <Row>(statement: Statement) => Promise<Row[]>;

const BYTEA: number = pg.types.builtins.BYTEA;
const INT8: number = pg.types.builtins.INT8;
const HEX_PREFIX = "\\x".length;

const types = {
  getTypeParser(type: number): (text: string) => unknown {
    if (type === BYTEA) return toOwnBytes;
    return type === INT8 ? Number : (pg.types.getTypeParser(type) as (text: string) => unknown);
  },
};

/** On any connection of the pool, each statement a transaction of its own. */
export function statementsOn(pool: pg.Pool): RunStatement {
  return async ({ name, text, values }) => {
    try {
      return (await pool.query({ name, text, values: [...values], types })).rows as never;
    } catch (error) {
      throw toDomainError(error);
    }
  };
}

/** Within a transaction. */
export function statementsWithin(transaction: Database): RunStatement {
  return ({ text, values }) => transaction.$queryRawUnsafe(text, ...values);
}

/** Not a part of the buffer that small ones share: an entry may be kept for long. */
function toOwnBytes(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex.slice(HEX_PREFIX), "hex"));
}
