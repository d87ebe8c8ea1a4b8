import { createSourceEventStream, execute, type ExecutionArgs, type ExecutionResult, type OperationDefinitionNode } from "graphql";
import { Stream } from "../stream.ts";
import type { SharedExecution, SharedExecutions } from "./shared-executions.ts";
import type { SocketWriter } from "./socket-writer.ts";

/** An operation on a socket, and how to make a context for each of its executions. */
export interface SubscriptionArgs extends ExecutionArgs {
  /** The client's id of the operation. */
  id: string;
  operation: OperationDefinitionNode;
  createContext(): object;
  writer: SocketWriter;
  /** The stream broke: the client has to connect again. */
  fail(error: unknown): void;
}

type Results = AsyncIterableIterator<ExecutionResult>;

/** Begins a subscription. What it delivers is executed for all who ask the same, or else for each viewer anew. */
export async function subscribe(args: SubscriptionArgs, executions: SharedExecutions): Promise<Results | ExecutionResult> {
  const source = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in source)) return source;
  const shared = source instanceof Stream ? executions.join(toRequest(args)) : undefined;
  return shared ? flowing(args, source as Stream<object>, shared) : freshly(args, source);
}

const toRequest = ({ document, operation, operationName, variableValues }: SubscriptionArgs) => ({
  document, operation, operationName: operationName ?? null, variableValues: variableValues ?? null,
});

/** Results that are written past the protocol's library, which only learns of the end. */
function flowing(args: SubscriptionArgs, stream: Stream<object>, shared: SharedExecution): Results {
  const { writer, fail, id } = args;
  const head = Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":`);
  const flow = stream.flow({
    take: (delivery) => writer.push(head, shared.answer(delivery)),
    room: () => writer.room(),
  });
  const over = flow.catch(fail).finally(() => shared.leave());
  forget(args);

  const results: Results = {
    async next() {
      await over;
      await writer.settle();
      return { done: true, value: undefined };
    },
    async return() {
      await stream.return();
      writer.drop(head);
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => results,
  };
  return results;
}

/** Sockets wait by the thousand: they keep nothing that no delivery needs. */
function forget(args: SubscriptionArgs): void {
  args.variableValues = null;
  args.contextValue = undefined;
}

/**
 * A subscription whose every delivery is executed in a context of its own: what one delivery loaded, such as a card, is
 * not taken for the truth at the next one.
 */
function freshly(args: SubscriptionArgs, source: AsyncIterable<unknown>): Results {
  const events = source[Symbol.asyncIterator]();
  const deliver = (event: unknown): ExecutionResult | Promise<ExecutionResult> =>
    execute({ ...args, rootValue: event, contextValue: args.createContext() });

  const deliveries: Results = {
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
