import type { IncomingMessage, ServerResponse } from "node:http";
import { type ApolloServer, HeaderMap } from "@apollo/server";
import type { Log } from "../domain/log.ts";
import type { Clock } from "../domain/ports/index.ts";
import type { Viewer } from "../domain/viewer.ts";
import type { RelayContext } from "../resolvers/context.ts";
import { allowOrigin, answerPreflight, type IsAllowedOrigin } from "./allowed-origins.ts";
import type { HttpContext } from "./apollo.ts";
import { answerError } from "./answer-error.ts";
import type { FormatError } from "./errors.ts";
import { HttpRefusal } from "./http-refusal.ts";
import { type BodyLimits, readBody } from "./request-body.ts";
import { createRequestRecord, describeOperation, type RequestRecord } from "./request-record.ts";
import { apiHeaders } from "./web-headers.ts";

export interface GraphqlEndpointOptions {
  apollo: ApolloServer<HttpContext>;
  authenticate(accessToken: string): Promise<Viewer | undefined>;
  createContext(asker: { viewer: Viewer | undefined; address: string }): RelayContext;
  addressOf(request: IncomingMessage): string;
  isAllowedOrigin: IsAllowedOrigin;
  formatError: FormatError;
  limits: BodyLimits;
  log: Log;
  clock: Clock;
}

/** Operations over HTTP, from the request to the executor and back. Every request passes here, so nothing lies in between. */
export function createGraphqlEndpoint(options: GraphqlEndpointOptions): (request: IncomingMessage, response: ServerResponse) => void {
  const { formatError } = options;
  return (request, response) => {
    const record = createRequestRecord();
    logWhenDone(options, request, response, record);
    answer(options, request, response, record).catch((error: unknown) => {
      record.codes = [answerError(error, response, formatError)];
    });
  };
}

async function answer(options: GraphqlEndpointOptions, request: IncomingMessage, response: ServerResponse, record: RequestRecord): Promise<void> {
  setApiHeaders(request, response);
  response.setHeader("Cache-Control", "no-store");
  allowOrigin(request, response, options.isAllowedOrigin);
  if (request.method === "OPTIONS") return answerPreflight(response);
  if (request.method !== "POST") {
    response.setHeader("Allow", "POST, OPTIONS");
    throw new HttpRefusal(405, "BAD_REQUEST", "Send operations by POST, as JSON.");
  }
  record.viewer = await findViewer(request, options.authenticate);
  const body = await readBody(request, record.viewer !== undefined, options.limits);
  await execute(options, request, body, response, record);
}

/** Without a valid access token a request is nobody's: the fields that need a viewer refuse it themselves. */
async function findViewer({ headers: { authorization = "" } }: IncomingMessage, authenticate: GraphqlEndpointOptions["authenticate"]): Promise<Viewer | undefined> {
  const [, accessToken] = /^Bearer ([\w.-]+)$/.exec(authorization) ?? [];
  return accessToken === undefined ? undefined : authenticate(accessToken);
}

async function execute(
  { apollo, createContext, addressOf }: GraphqlEndpointOptions,
  request: IncomingMessage,
  body: unknown,
  response: ServerResponse,
  record: RequestRecord,
): Promise<void> {
  const { status, headers, body: answered } = await apollo.executeHTTPGraphQLRequest({
    httpGraphQLRequest: { method: "POST", headers: toHeaderMap(request), search: searchOf(request), body },
    context: async () => ({ ...createContext({ viewer: record.viewer, address: addressOf(request) }), record }),
  });
  if (answered.kind !== "complete") throw new Error("an answer in parts, which nothing here asks for");
  for (const [name, value] of headers) response.setHeader(name, value);
  response.setHeader("Content-Length", Buffer.byteLength(answered.string));
  response.statusCode = status ?? 200;
  // As text, so that headers and body are one write.
  response.end(answered.string);
}

function toHeaderMap({ headers }: IncomingMessage): HeaderMap {
  const map = new HeaderMap();
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) map.set(name, typeof value === "string" ? value : value.join(", "));
  }
  return map;
}

function searchOf({ url = "" }: IncomingMessage): string {
  const at = url.indexOf("?");
  return at < 0 ? "" : url.slice(at);
}

function setApiHeaders(request: IncomingMessage, response: ServerResponse): void {
  apiHeaders(request, response, (error) => {
    if (error !== undefined) throw error as Error;
  });
}

/** One line for each request: which fields, with what outcome. Never text, variables, headers or answers. */
function logWhenDone({ log, clock }: GraphqlEndpointOptions, { method = "" }: IncomingMessage, response: ServerResponse, record: RequestRecord): void {
  const startedMs = clock.nowMs();
  response.once("close", () => {
    const { operation, codes } = record;
    const [code] = codes;
    log.info("request", {
      method,
      ...(operation && { operation: describeOperation(operation) }),
      ...(typeof code === "string" && { code }),
      status: response.statusCode,
      durationMs: clock.nowMs() - startedMs,
    });
  });
}
