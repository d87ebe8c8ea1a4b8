import pg from "pg";

type Query = (this: pg.Client, ...args: unknown[]) => unknown;
type Callback = (...results: unknown[]) => unknown;

/** Milliseconds that statements of this process take, from sending to answer, while `work` runs. */
export async function timeStatements(work: () => Promise<unknown>): Promise<number> {
  const prototype = pg.Client.prototype as unknown as { query: Query };
  const { query } = prototype;
  let totalMs = 0;
  prototype.query = function (...args) {
    const startMs = performance.now();
    const stop = (): void => void (totalMs += performance.now() - startMs);
    // A pool asks its clients with a callback, a transaction with a promise.
    const timed = args.map((argument) => (typeof argument === "function" ? afterwards(argument as Callback, stop) : argument));
    const answer = query.apply(this, timed);
    return answer instanceof Promise ? answer.finally(stop) : answer;
  };
  try {
    await work();
    return totalMs;
  } finally {
    prototype.query = query;
  }
}

function afterwards(callback: Callback, first: () => void): Callback {
  return (...results) => {
    first();
    return callback(...results);
  };
}
