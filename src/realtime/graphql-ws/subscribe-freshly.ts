import { createSourceEventStream, execute, type ExecutionArgs, type ExecutionResult } from "graphql";

/** An operation, and how to make a context for each of its executions. */
export interface SocketExecutionArgs extends ExecutionArgs {
  createContext(): object;
}

/**
 * A subscription whose every delivery is executed in a context of its own: what one delivery loaded, such as a card, is
 * not taken for the truth at the next one.
 */
export async function subscribeFreshly(args: SocketExecutionArgs): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
  const source = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in source)) return source;
  const events = source[Symbol.asyncIterator]();
  const deliver = (event: unknown): ExecutionResult | Promise<ExecutionResult> =>
    execute({ ...args, rootValue: event, contextValue: args.createContext() });

  const deliveries: AsyncIterableIterator<ExecutionResult> = {
    async next() {
      const event = await events.next();
      return event.done === true ? { done: true, value: undefined } : { done: false, value: await deliver(event.value) };
    },
    async return() {
      await events.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => deliveries,
  };
  return deliveries;
}
