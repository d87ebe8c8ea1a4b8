import { createServer, type IncomingMessage, type Server } from "node:http";
import type { Duplex } from "node:stream";
import type { ApolloServer } from "@apollo/server";
import { expressMiddleware } from "@as-integrations/express5";
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from "express";
import type { Log } from "../domain/log.ts";
import type { Clock } from "../domain/ports.ts";
import type { Viewer } from "../domain/viewer.ts";
import type { RelayContext } from "../resolvers/context.ts";
import { allowOrigins, type IsAllowedOrigin } from "./allowed-origins.ts";
import type { HttpContext } from "./apollo.ts";
import { type FormatError, httpStatusOf } from "./errors.ts";
import type { Health } from "./health.ts";
import { HttpRefusal } from "./http-refusal.ts";
import { servePlayground } from "./playground/serve-playground.ts";
import { type BodyLimits, readBody } from "./request-body.ts";
import { describeOperation, requestRecord } from "./request-record.ts";
import { apiHeaders } from "./web-headers.ts";

export const GRAPHQL_PATH = "/graphql";
export const PLAYGROUND_PATH = "/playground";

const KEEP_ALIVE_MS = 20_000;
const TIMEOUT_CHECK_MS = 1_000;

export interface HttpOptions {
  apollo: ApolloServer<HttpContext>;
  health: Health;
  authenticate(accessToken: string): Promise<Viewer | undefined>;
  createContext(asker: { viewer: Viewer | undefined; address: string }): RelayContext;
  addressOf(request: IncomingMessage): string;
  handleUpgrade(request: IncomingMessage, connection: Duplex, head: Buffer): void;
  isAllowedOrigin: IsAllowedOrigin;
  formatError: FormatError;
  /** Undefined when there is no playground. */
  playgroundFolder: string | undefined;
  limits: BodyLimits & { headersTimeoutMs: number; requestTimeoutMs: number };
  log: Log;
  clock: Clock;
}

/** The relay's one server: the API, its WebSocket, the playground, and what operators ask. Not listening yet. */
export function createHttpServer(options: HttpOptions): Server {
  const timeouts = {
    headersTimeout: options.limits.headersTimeoutMs,
    requestTimeout: options.limits.requestTimeoutMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: TIMEOUT_CHECK_MS,
  };
  const server = createServer(timeouts, createApp(options));
  server.on("upgrade", (request, connection, head) => {
    const path = request.url?.split("?")[0];
    if (path === GRAPHQL_PATH) options.handleUpgrade(request, connection, head);
    else connection.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  });
  return server;
}

function createApp(options: HttpOptions): Express {
  const { apollo, health, formatError } = options;
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");

  app.get("/healthz", apiHeaders, health.live);
  app.get("/readyz", apiHeaders, health.ready);
  if (options.playgroundFolder !== undefined) app.use(PLAYGROUND_PATH, servePlayground(options.playgroundFolder));

  app.use(
    GRAPHQL_PATH,
    apiHeaders,
    noStore,
    writeLog(options.log, options.clock),
    allowOrigins(options.isAllowedOrigin),
    onlyPost,
    signIn(options.authenticate),
    readBody(options.limits),
    expressMiddleware(apollo, {
      context: async ({ req, res }) => {
        const record = requestRecord(res);
        return { ...options.createContext({ viewer: record.viewer, address: options.addressOf(req) }), record };
      },
    }),
  );

  app.use(apiHeaders, () => {
    throw new HttpRefusal(404, "BAD_REQUEST", `There is nothing here. The API is at ${GRAPHQL_PATH}.`);
  });
  app.use(answerErrors(formatError));
  return app;
}

const noStore: RequestHandler = (_request, response, next) => {
  response.setHeader("Cache-Control", "no-store");
  next();
};

/** One line for each request: which fields, with what outcome. Never text, variables, headers or answers. */
function writeLog(log: Log, clock: Clock): RequestHandler {
  return (request, response, next) => {
    const startedMs = clock.nowMs();
    response.once("close", () => {
      const { operation, codes } = requestRecord(response);
      const [code] = codes;
      log.info("request", {
        method: request.method,
        ...(operation && { operation: describeOperation(operation) }),
        ...(typeof code === "string" && { code }),
        status: response.statusCode,
        durationMs: clock.nowMs() - startedMs,
      });
    });
    next();
  };
}

const onlyPost: RequestHandler = (request, response, next) => {
  if (request.method === "POST") return next();
  response.setHeader("Allow", "POST, OPTIONS");
  throw new HttpRefusal(405, "BAD_REQUEST", "Send operations by POST, as JSON.");
};

/** Without a valid access token a request is nobody's: the fields that need a viewer refuse it themselves. */
function signIn(authenticate: HttpOptions["authenticate"]): RequestHandler {
  return async (request, response, next) => {
    const [, accessToken] = /^Bearer ([\w.-]+)$/.exec(request.headers.authorization ?? "") ?? [];
    requestRecord(response).viewer = accessToken === undefined ? undefined : await authenticate(accessToken);
    next();
  };
}

function answerErrors(formatError: FormatError): ErrorRequestHandler {
  return (error: unknown, _request, response, _next) => {
    if (response.headersSent) return void response.destroy();
    const refusal = error instanceof HttpRefusal ? error : undefined;
    const answer = refusal ? { message: refusal.message, extensions: { code: refusal.code } } : formatError(error);
    requestRecord(response).codes = [answer.extensions.code];
    // What is left of a body that nobody reads ends with the connection.
    response.setHeader("Connection", "close");
    response.status(refusal?.status ?? httpStatusOf([answer.extensions.code])).json({ errors: [answer] });
  };
}
