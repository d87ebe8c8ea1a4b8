import { ApolloClient, ApolloLink, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { cacheExchange, Client as UrqlClient, fetchExchange, subscriptionExchange } from "@urql/core";
import { type Client as SocketClient, createClient } from "graphql-ws";
import { createCuttableSockets, type CuttableSockets } from "./cuttable-sockets.ts";
import type { Json } from "./graphql.ts";
import { type Listening, listenBy } from "./stock-client.ts";

type Variables = Record<string, unknown>;

export interface Answer {
  data: Json;
  codes: unknown[];
}

/** A GraphQL client as programs use it: subscriptions by a socket, the rest by HTTP or by the same socket. */
export interface StockSubscriber {
  ask(text: string, variables?: Variables): Promise<Answer>;
  mutate(text: string, variables?: Variables): Promise<Answer>;
  /** What its sink hears; errors as the `extensions` of each. */
  listen(text: string, variables?: Variables): Listening;
  sockets: CuttableSockets;
  close(): Promise<void>;
}

interface Connection {
  url: string;
  headers: Record<string, string>;
  socketClient: SocketClient;
  /** Whether queries and mutations go by the socket too. */
  bySocket: boolean;
}

type Adapter = (connection: Connection) => Omit<StockSubscriber, "sockets" | "close"> & { stop?: () => void };

/** The clients by name, each set up as its own pages say. */
export const STOCK_SUBSCRIBERS = { "Apollo Client": apollo, urql } satisfies Record<string, Adapter>;

export function createStockSubscriber(adapter: Adapter, relay: { url: string; wsUrl: string }, accessToken: string, { bySocket = false } = {}): StockSubscriber {
  const sockets = createCuttableSockets();
  const socketClient = createClient({
    url: relay.wsUrl,
    webSocketImpl: sockets.webSocket,
    connectionParams: { accessToken },
    retryAttempts: 100,
    // Its own wait is seconds long, and random.
    retryWait: async () => undefined,
  });
  const { stop, ...client } = adapter({ url: relay.url, headers: { authorization: `Bearer ${accessToken}` }, socketClient, bySocket });
  return {
    ...client,
    sockets,
    async close() {
      stop?.();
      await socketClient.dispose();
    },
  };
}

function apollo({ url, headers, socketClient, bySocket }: Connection): ReturnType<Adapter> {
  const socketLink = new GraphQLWsLink(socketClient);
  const link = bySocket ? socketLink : ApolloLink.split(({ operationType }) => String(operationType) === "subscription", socketLink, new HttpLink({ uri: url, headers }));
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  const extensionsOf = (error: unknown): Json[] => (CombinedGraphQLErrors.is(error) ? error.errors.map(({ extensions }) => extensions) : [error]);
  const answerOf = ({ data, error }: { data?: Json; error?: unknown }): Answer => ({ data: data ?? null, codes: error ? extensionsOf(error).map(({ code }) => code) : [] });
  return {
    ask: async (text, variables = {}) => answerOf(await client.query<Json>({ query: gql(text), variables, errorPolicy: "all", fetchPolicy: "no-cache" })),
    mutate: async (text, variables = {}) => answerOf(await client.mutate<Json>({ mutation: gql(text), variables, errorPolicy: "all" })),
    listen: (text, variables = {}) =>
      listenBy((sink) => {
        const subscription = client.subscribe<Json>({ query: gql(text), variables, fetchPolicy: "no-cache" }).subscribe({
          next: ({ data, error }) => sink.next(error ? { errors: extensionsOf(error) } : { data }),
          error: (error) => sink.error(error),
          complete: () => sink.complete(),
        });
        return () => subscription.unsubscribe();
      }),
    stop: () => client.stop(),
  };
}

function urql({ url, headers, socketClient, bySocket }: Connection): ReturnType<Adapter> {
  const client = new UrqlClient({
    url,
    fetchOptions: { headers },
    // The relay takes POST alone.
    preferGetMethod: false,
    exchanges: [
      cacheExchange,
      subscriptionExchange({
        enableAllOperations: bySocket,
        forwardSubscription: (request) => ({
          subscribe: (sink) => ({ unsubscribe: socketClient.subscribe({ ...request, query: request.query ?? "" }, sink as Parameters<SocketClient["subscribe"]>[1]) }),
        }),
      }),
      fetchExchange,
    ],
  });
  type Result = Awaited<ReturnType<UrqlClient["query"]>>;
  const extensionsOf = (error: NonNullable<Result["error"]>): Json[] => (error.networkError ? [error.networkError] : error.graphQLErrors.map(({ extensions }) => extensions));
  const answerOf = ({ data, error }: Result): Answer => ({ data: data ?? null, codes: error ? extensionsOf(error).map(({ code }) => code) : [] });
  return {
    ask: async (text, variables = {}) => answerOf(await client.query(text, variables, { requestPolicy: "network-only" }).toPromise()),
    mutate: async (text, variables = {}) => answerOf(await client.mutation(text, variables).toPromise()),
    listen: (text, variables = {}) =>
      listenBy((sink) => {
        const { unsubscribe } = client.subscription<Json>(text, variables).subscribe(({ data, error }) => {
          sink.next(error ? { errors: extensionsOf(error) } : { data });
        });
        return unsubscribe;
      }),
  };
}
