import pg from "pg";

/** What was sent to the database, as it was sent. */
export interface SentStatement {
  text: string;
  values: unknown[];
}

type Query = (this: pg.Client, ...given: unknown[]) => unknown;

/** Runs the work and returns all statements that any connection of this process sent meanwhile, in order. */
export async function recordStatements(work: () => Promise<unknown>): Promise<SentStatement[]> {
  const sent: SentStatement[] = [];
  const prototype = pg.Client.prototype as unknown as { query: Query };
  const { query } = prototype;
  prototype.query = function (...given) {
    const [statement, values] = given as [string | { text: string; values?: unknown[] }, unknown];
    if (typeof statement === "string") sent.push({ text: statement, values: Array.isArray(values) ? values : [] });
    else sent.push({ text: statement.text, values: statement.values ?? [] });
    return query.apply(this, given);
  };
  try {
    await work();
  } finally {
    prototype.query = query;
  }
  return sent;
}

/** Without what only begins and ends transactions. */
export function withoutFrames(statements: SentStatement[]): SentStatement[] {
  return statements.filter(({ text }) => !/^(BEGIN|COMMIT|ROLLBACK|SET TRANSACTION|SAVEPOINT|RELEASE)/i.test(text.trim()));
}
