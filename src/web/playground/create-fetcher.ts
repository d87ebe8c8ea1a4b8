import type { Fetcher, FetcherParams } from "@graphiql/toolkit";
import { type ExecutionResult, type OperationDefinitionNode, Kind, OperationTypeNode, parse } from "graphql";
import { createClient } from "graphql-ws";
import type { RunListener } from "./readings.ts";

type AccessToken = () => Promise<string | undefined>;

export interface RelayPlace {
  url: string;
  socketUrl: string;
}

const SIGN_IN_FIRST = "A subscription is yours alone: sign in first.";

/** Hears of every operation that is run, and gives what takes in its answers. */
type OnRun = (isLive: boolean) => RunListener;

/** What the editor asks by itself, for suggestions and documentation. */
const INTROSPECTION = "IntrospectionQuery";

/**
 * Runs what people type: queries and mutations over HTTP, subscriptions over a WebSocket of their own. Sends the token of
 * whoever is signed in, or the one that the header editor names.
 */
export function createFetcher({ url, socketUrl }: RelayPlace, accessToken: AccessToken, onRun: OnRun): Fetcher {
  async function run(typed: FetcherParams, headers: Record<string, string>): Promise<ExecutionResult | AsyncIterable<ExecutionResult>> {
    const token = bearerOf(headers) ?? (await accessToken());
    const meant = findOperation(typed);
    const isLive = meant?.operation === OperationTypeNode.SUBSCRIPTION;
    const listener = typed.operationName === INTROSPECTION ? undefined : onRun(isLive && token !== undefined);
    const operation = meant ? { ...typed, operationName: meant.name?.value ?? null } : typed;
    if (isLive) return token === undefined ? refused(SIGN_IN_FIRST) : subscribe(socketUrl, token, operation, listener);
    const answer = await post(url, token, headers, operation);
    listener?.take(answer);
    return answer;
  }
  return (typed, { headers = {} } = {}) => run(typed, headers).catch((error: unknown) => refused(textOf(error)));
}

/** The operation to run. GraphiQL notes its name a moment after the text has changed, so a single operation runs whatever name is given. */
function findOperation({ query, operationName }: FetcherParams): OperationDefinitionNode | undefined {
  const operations = parseOperations(query);
  return operations.length === 1 ? operations[0] : operations.find(({ name }) => name?.value === operationName);
}

function parseOperations(query: string): OperationDefinitionNode[] {
  try {
    return parse(query).definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  } catch {
    // The relay says what is wrong with it.
    return [];
  }
}

/** One operation over HTTP, with the token of whoever asks. */
export async function post(url: string, token: string | undefined, headers: Record<string, string>, operation: FetcherParams): Promise<ExecutionResult> {
  const all = new Headers({ ...headers, "content-type": "application/json", accept: "application/graphql-response+json, application/json" });
  if (token !== undefined) all.set("authorization", `Bearer ${token}`);
  const response = await fetch(url, { method: "POST", headers: all, body: JSON.stringify(operation) }).catch(() => {
    throw new Error("No answer from the relay. Is it running?");
  });
  return (await response.json()) as ExecutionResult;
}

// GraphiQL stops a subscription by `return`, which has to work while nothing arrives: a generator would wait for the next event first.
function subscribe(url: string, accessToken: string, operation: FetcherParams, listener: RunListener | undefined): AsyncIterableIterator<ExecutionResult> {
  const client = createClient({ url, connectionParams: { accessToken }, retryAttempts: 0 });
  const results = client.iterate(operation);
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      try {
        const result = (await results.next()) as IteratorResult<ExecutionResult>;
        if (result.done) listener?.end();
        else listener?.take(result.value);
        return result;
      } catch (error) {
        listener?.end();
        return { done: false, value: refused(textOf(error)) };
      }
    },
    async return() {
      listener?.end();
      await results.return?.();
      await client.dispose();
      return { done: true, value: undefined };
    },
  };
}

function textOf(error: unknown): string {
  if (error instanceof CloseEvent) return `The relay closed the socket (${error.code}). ${error.reason}`.trim();
  if (error instanceof Error) return error.message;
  return Array.isArray(error) ? error.map(({ message }: { message: string }) => message).join(" ") : "The socket broke off.";
}

function bearerOf(headers: Record<string, unknown>): string | undefined {
  const [, value] = Object.entries(headers).find(([name]) => name.toLowerCase() === "authorization") ?? [];
  return typeof value === "string" ? /^Bearer (\S+)$/.exec(value)?.[1] : undefined;
}

function refused(message: string): ExecutionResult {
  return { errors: [{ message }] } as unknown as ExecutionResult;
}
