import { createSourceEventStream, execute, type ExecutionArgs, type ExecutionResult, type OperationDefinitionNode } from "graphql";
import type { Sink } from "../sink.ts";
import { Stream } from "../stream.ts";
import type { Running } from "./conversation.ts";
import type { Answer, SharedExecution, SharedExecutions } from "./shared-executions.ts";
import type { SocketWriter } from "./socket-writer.ts";

/** An operation on a socket, and how to make a context for each of its executions. */
export interface SubscriptionArgs extends ExecutionArgs {
  /** The client's id of the operation. */
  id: string;
  operation: OperationDefinitionNode;
  createContext(): object;
  writer: SocketWriter;
  /** Sends what was executed for this viewer alone. */
  send(result: ExecutionResult): Promise<void>;
  /** The stream broke: the client has to connect again. */
  fail(error: unknown): void;
}

/** Begins a subscription. What it delivers is executed for all who ask the same, or else for each viewer anew. */
export async function subscribe(args: SubscriptionArgs, executions: SharedExecutions): Promise<Running | ExecutionResult> {
  const source = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in source)) return source;
  const shared = source instanceof Stream ? executions.join(toRequest(args)) : undefined;
  return shared ? new Flow(args, source as Stream<object>, shared) : new Pump(args, source[Symbol.asyncIterator]());
}

const toRequest = ({ document, operation, operationName, variableValues }: SubscriptionArgs) => ({
  document, operation, operationName: operationName ?? null, variableValues: variableValues ?? null,
});

/** A stream that is poured into the socket, past whatever else is sent there. */
class Flow implements Running, Sink<object> {
  readonly over: Promise<void>;
  readonly #writer: SocketWriter;
  readonly #stream: Stream<object>;
  readonly #shared: SharedExecution;
  readonly #head: Buffer;

  constructor({ writer, id, fail }: SubscriptionArgs, stream: Stream<object>, shared: SharedExecution) {
    this.#writer = writer;
    this.#stream = stream;
    this.#shared = shared;
    this.#head = headOf(id);
    this.over = this.#run(fail);
  }

  take(delivery: object): void {
    const answer: Answer = this.#shared.answer(delivery);
    this.#writer.push(this.#head, answer);
  }

  room(): Promise<void> | undefined {
    return this.#writer.room();
  }

  end(): void {
    void this.#stream.return();
    this.#writer.drop(this.#head);
  }

  async #run(fail: (error: unknown) => void): Promise<void> {
    try {
      await this.#stream.flow(this);
      await this.#writer.settle();
    } catch (error) {
      fail(error);
    } finally {
      this.#shared.leave();
    }
  }
}

/** In memory of its own: from the pool, a few bytes that stay would keep kilobytes that nobody uses. */
function headOf(id: string): Buffer {
  const text = `{"id":${JSON.stringify(id)},"type":"next","payload":`;
  const head = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  head.write(text);
  return head;
}

/**
 * A subscription whose every delivery is executed in a context of its own: what one delivery loaded, such as a card, is
 * not taken for the truth at the next one.
 */
class Pump implements Running {
  readonly over: Promise<void>;
  readonly #events: AsyncIterator<unknown>;

  constructor(args: SubscriptionArgs, events: AsyncIterator<unknown>) {
    this.#events = events;
    this.over = this.#run(args);
  }

  end(): void {
    void this.#events.return?.();
  }

  async #run(args: SubscriptionArgs): Promise<void> {
    for (let event = await this.#events.next(); event.done !== true; event = await this.#events.next()) {
      await args.send(await execute({ ...args, rootValue: event.value, contextValue: args.createContext() }));
    }
  }
}
