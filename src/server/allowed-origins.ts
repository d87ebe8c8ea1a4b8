import type { IncomingMessage, ServerResponse } from "node:http";

export type IsAllowedOrigin = (origin: string) => boolean;

const PREFLIGHT_SECONDS = "600";

/** Whole origins are compared, never parts: `null`, a longer host and another port are other origins. */
export function createOriginCheck(origins: Iterable<string>): IsAllowedOrigin {
  const allowed = new Set(origins);
  return (origin) => allowed.has(origin);
}

/** Lets the pages of allowed origins call the API. No cookie exists, so nothing is sent along with their requests. */
export function allowOrigin({ headers: { origin } }: IncomingMessage, response: ServerResponse, isAllowed: IsAllowedOrigin): void {
  response.setHeader("Vary", "Origin");
  if (origin === undefined || !isAllowed(origin)) return;
  response.setHeader("Access-Control-Allow-Origin", origin);
  response.setHeader("Access-Control-Expose-Headers", "Retry-After");
}

/** Answers the question that a browser asks before it calls. */
export function answerPreflight(response: ServerResponse): void {
  response.setHeader("Access-Control-Allow-Methods", "POST");
  response.setHeader("Access-Control-Allow-Headers", "Authorization, Content-Type, Apollo-Require-Preflight");
  response.setHeader("Access-Control-Max-Age", PREFLIGHT_SECONDS);
  response.writeHead(204).end();
}
