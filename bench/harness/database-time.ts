import pg from "pg";

type Query = (this: pg.Client, ...args: unknown[]) => unknown;

/** Milliseconds that statements of this process take, from sending to answer, while `work` runs. */
export async function timeStatements(work: () => Promise<unknown>): Promise<number> {
  const prototype = pg.Client.prototype as unknown as { query: Query };
  const { query } = prototype;
  let totalMs = 0;
  prototype.query = function (...args) {
    const startMs = performance.now();
    const answer = query.apply(this, args);
    if (!(answer instanceof Promise)) return answer;
    return answer.finally(() => (totalMs += performance.now() - startMs));
  };
  try {
    await work();
    return totalMs;
  } finally {
    prototype.query = query;
  }
}
