import { createClient } from "graphql-ws";
import { backoffMs, sleep } from "./backoff.ts";
import { ClientError, RelayRefusal } from "./errors.ts";
import { RefreshSessionDocument, type TypedDocumentString } from "./generated/graphql.ts";
import type { Transport } from "./ports.ts";
import type { Session } from "./session.ts";

/** A relay that restarts is back by then. */
const PATIENCE_MS = 30_000;
const LONGEST_WAIT_MS = 60_000;
const REQUEST_TIMEOUT_MS = 30_000;

interface GraphQLAnswer<Result> {
  data?: Result | null | undefined;
  errors?: readonly { message: string; extensions?: Record<string, unknown> | undefined }[] | undefined;
}

class RateLimited extends ClientError {
  readonly retryAfterMs: number;

  constructor(text: string, retryAfterSeconds: unknown) {
    super("RATE_LIMITED", text);
    this.retryAfterMs = Number(retryAfterSeconds ?? Infinity) * 1000;
  }
}

export interface RelayTransportOptions {
  /** Where the relay is, e.g. "http://127.0.0.1:4600". */
  relay: string;
  session: Session;
  /** How long a request is repeated that gets no answer; 30 000 by default. */
  patienceMs?: number;
  /** Defaults to the global fetch. */
  fetch?: typeof fetch;
  /** A WebSocket class; defaults to the global one and, where there is none, to the package ws. */
  webSocket?: typeof WebSocket;
}

/** GraphQL over HTTP and graphql-transport-ws to one relay. */
export async function createRelayTransport(options: RelayTransportOptions): Promise<Transport> {
  const origin = originOf(options.relay);
  const url = `${origin}/graphql`;
  const socketUrl = url.replace(/^http/, "ws");
  const webSocketImpl = options.webSocket ?? (await findWebSocket());
  const send = options.fetch ?? fetch;
  const { session, patienceMs = PATIENCE_MS } = options;
  const closing = new AbortController();

  const transport: Transport = {
    origin,
    async execute(document, variables, { once = false } = {}) {
      let waitedMs = 0;
      for (let attempt = 0; ; attempt += 1) {
        try {
          return await request(document, variables);
        } catch (error) {
          const waitMs = once ? undefined : retryAfterMs(error, attempt);
          if (waitMs === undefined || waitedMs > patienceMs || closing.signal.aborted) throw error;
          await sleep(waitMs, closing.signal);
          waitedMs += waitMs;
        }
      }
    },
    async *subscribe<Result, Variables extends object>(document: TypedDocumentString<Result, Variables>, variables: Variables, signal: AbortSignal) {
      const results = socket.iterate<Result>({ query: document.toString(), variables: variables as Record<string, unknown> });
      const stop = (): void => void results.return?.();
      signal.addEventListener("abort", stop, { once: true });
      try {
        for await (const answer of results) yield dataOf(answer);
      } catch (error) {
        // The relay closed the socket for the sake of the session: an exchange of tokens tells whether there still is one.
        if (isSessionClose(error)) await session.refresh(transport);
        throw error;
      } finally {
        signal.removeEventListener("abort", stop);
        stop();
      }
    },
    close() {
      closing.abort();
      void socket.dispose();
    },
  };

  // One socket for all subscriptions, open while there are any. Who subscribes begins again by positions when it ends.
  const socket = createClient({
    url: socketUrl,
    webSocketImpl,
    retryAttempts: 0,
    lazy: true,
    connectionParams: async () => ({ accessToken: await session.accessToken(transport) }),
  });

  async function request<Result, Variables>(document: TypedDocumentString<Result, Variables>, variables: Variables): Promise<Result> {
    const token = needsToken(document) && session.isOpen ? await session.accessToken(transport) : undefined;
    try {
      return await post(document, variables, token);
    } catch (error) {
      if (token === undefined || !(error instanceof ClientError) || error.code !== "SIGNED_OUT") throw error;
      const { accessToken } = await session.refresh(transport);
      return post(document, variables, accessToken);
    }
  }

  async function post<Result, Variables>(
    document: TypedDocumentString<Result, Variables>,
    variables: Variables,
    token: string | undefined,
  ): Promise<Result> {
    const headers: Record<string, string> = { "content-type": "application/json", accept: "application/graphql-response+json" };
    if (token !== undefined) headers["authorization"] = `Bearer ${token}`;
    const body = JSON.stringify({ query: document.toString(), variables });
    const signal = AbortSignal.any([AbortSignal.timeout(REQUEST_TIMEOUT_MS), closing.signal]);
    const response = await send(url, { method: "POST", headers, body, signal }).catch((cause: unknown) => {
      throw unreachable(options.relay, cause);
    });
    const answer = await readAnswer<Result>(response);
    if (answer === undefined) throw unreachable(options.relay, `HTTP ${response.status}`);
    return dataOf(answer);
  }

  return transport;
}

// Exchanging tokens must work when the access token has run out.
function needsToken(document: unknown): boolean {
  return document !== RefreshSessionDocument;
}

async function readAnswer<Result>(response: Response): Promise<GraphQLAnswer<Result> | undefined> {
  try {
    return (await response.json()) as GraphQLAnswer<Result>;
  } catch {
    return undefined;
  }
}

function dataOf<Result>(answer: GraphQLAnswer<Result>): Result {
  const error = answer.errors?.[0];
  if (error !== undefined) throw errorOf(error.extensions ?? {}, error.message);
  if (answer.data === undefined || answer.data === null) throw new ClientError("RELAY_FAILED", "The relay's answer holds no data.");
  return answer.data;
}

function errorOf({ code, retryAfterSeconds }: Record<string, unknown>, text: string): Error {
  if (code === "UNAUTHENTICATED") return new ClientError("SIGNED_OUT", text);
  if (code === "RATE_LIMITED") return new RateLimited(text, retryAfterSeconds);
  if (code === "UNAVAILABLE") return new ClientError("RELAY_UNREACHABLE", text);
  if (code === "INTERNAL" || typeof code !== "string") return new ClientError("RELAY_FAILED", text);
  return new RelayRefusal(code, text);
}

// Limits by the minute are waited for, so that long reading goes on; limits by the day are told.
function retryAfterMs(error: unknown, attempt: number): number | undefined {
  if (error instanceof RateLimited) return error.retryAfterMs <= LONGEST_WAIT_MS ? error.retryAfterMs : undefined;
  const isUnreachable = error instanceof ClientError && error.code === "RELAY_UNREACHABLE";
  return isUnreachable ? backoffMs(attempt) : undefined;
}

const SESSION_CLOSE_CODES: ReadonlySet<unknown> = new Set([4401, 4403]);

function isSessionClose(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && SESSION_CLOSE_CODES.has(error.code);
}

function unreachable(relay: string, cause: unknown): ClientError {
  return new ClientError("RELAY_UNREACHABLE", `No answer from the relay at ${relay}. Is the address right and the relay running?`, { cause });
}

/** "relay.example" → "https://relay.example"; an IP or host with a scheme keeps it. */
function originOf(relay: string): string {
  const address = /^https?:\/\//.test(relay) ? relay : `https://${relay}`;
  return new URL(address).origin;
}

async function findWebSocket(): Promise<typeof WebSocket> {
  if (typeof WebSocket !== "undefined") return WebSocket;
  // Node before 22 has no WebSocket of its own.
  const { WebSocket: FromPackage } = await import("ws");
  return FromPackage as unknown as typeof WebSocket;
}
