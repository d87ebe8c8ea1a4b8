import { createServer, type IncomingMessage, type Server } from "node:http";
import type { Duplex } from "node:stream";
import express, { type ErrorRequestHandler, type Express } from "express";
import { answerError } from "./answer-error.ts";
import { explainInvite } from "./explain-invite.ts";
import { createGraphqlEndpoint, type GraphqlEndpointOptions } from "./graphql-endpoint.ts";
import type { Health } from "./health.ts";
import { HttpRefusal } from "./http-refusal.ts";
import { servePlayground } from "./playground/serve-playground.ts";
import { apiHeaders } from "./web-headers.ts";

export const GRAPHQL_PATH = "/graphql";
export const PLAYGROUND_PATH = "/playground";

const KEEP_ALIVE_MS = 20_000;
const TIMEOUT_CHECK_MS = 1_000;

export interface HttpOptions extends GraphqlEndpointOptions {
  health: Health;
  handleUpgrade(request: IncomingMessage, connection: Duplex, head: Buffer): void;
  /** Undefined when there is no playground. */
  playgroundFolder: string | undefined;
  limits: GraphqlEndpointOptions["limits"] & { headersTimeoutMs: number; requestTimeoutMs: number };
}

/** The relay's one server: the API, its WebSocket, the playground, and what operators ask. Not listening yet. */
export function createHttpServer(options: HttpOptions): Server {
  const timeouts = {
    headersTimeout: options.limits.headersTimeoutMs,
    requestTimeout: options.limits.requestTimeoutMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: TIMEOUT_CHECK_MS,
  };
  const answerOperation = createGraphqlEndpoint(options);
  const app = createApp(options);
  const server = createServer(timeouts, (request, response) => {
    if (isForGraphql(request)) answerOperation(request, response);
    else app(request, response);
  });
  server.on("upgrade", (request, connection, head) => {
    if (isForGraphql(request)) options.handleUpgrade(request, connection, head);
    else connection.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  });
  return server;
}

function isForGraphql({ url = "" }: IncomingMessage): boolean {
  const [path] = url.split("?", 1);
  return path === GRAPHQL_PATH;
}

/** Everything else, which is asked for now and then. */
function createApp({ health, playgroundFolder, formatError }: HttpOptions): Express {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");

  app.get("/healthz", apiHeaders, health.live);
  app.get("/readyz", apiHeaders, health.ready);
  app.get(["/invite", "/invite/:username"], apiHeaders, explainInvite);
  if (playgroundFolder !== undefined) app.use(PLAYGROUND_PATH, servePlayground(playgroundFolder));

  app.use(apiHeaders, () => {
    throw new HttpRefusal(404, "BAD_REQUEST", `There is nothing here. The API is at ${GRAPHQL_PATH}.`);
  });
  const answerErrors: ErrorRequestHandler = (error, _request, response, _next) => void answerError(error, response, formatError);
  app.use(answerErrors);
  return app;
}
