import { type Client, type ClientOptions, createClient, type SubscribePayload } from "graphql-ws";
import { WebSocket } from "ws";
import type { Json } from "./graphql.ts";

/** The client of graphql-ws as anybody installs it. It does not connect again by itself unless `options` say so. */
export function createStockClient({ wsUrl }: { wsUrl: string }, accessToken: unknown, options: Partial<ClientOptions> = {}): Client {
  return createClient({ url: wsUrl, webSocketImpl: WebSocket, retryAttempts: 0, connectionParams: { accessToken }, ...options });
}

/** One operation of a stock client. */
export interface Listening {
  /** The data of every answer so far. */
  received: Json[];
  /** Resolves when this holds. Rejects when the operation ends before. */
  until(holds: () => boolean): Promise<void>;
  /** Resolves with the reason when the operation is over: what the client threw, or undefined when the relay or the reader ended it. */
  ended: Promise<unknown>;
  stop(): void;
}

/** What a client tells about an operation. */
export interface Sink {
  next(answer: { data?: Json; errors?: unknown }): void;
  error(reason: unknown): void;
  complete(): void;
}

export function listen(client: Client, operation: SubscribePayload): Listening {
  return listenBy((sink) => client.subscribe<Json>(operation, sink));
}

/** Listens with any client: `subscribe` begins the operation and returns what stops it. */
export function listenBy(subscribe: (sink: Sink) => () => void): Listening {
  const received: Json[] = [];
  let wake = (): void => undefined;
  let isOver = false;
  let stop = (): void => undefined;
  const ended = new Promise<unknown>((resolve) => {
    const end = (reason?: unknown): void => {
      isOver = true;
      resolve(reason);
      wake();
    };
    stop = subscribe({
      next: ({ data, errors }) => {
        received.push(errors ? { errors } : data);
        wake();
      },
      error: end,
      complete: () => end(),
    });
  });
  return {
    received,
    ended,
    stop: () => stop(),
    async until(holds) {
      while (!holds()) {
        if (isOver) throw new Error(`the operation is over: ${JSON.stringify(await ended)}`);
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}
