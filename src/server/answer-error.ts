import type { ServerResponse } from "node:http";
import { type FormatError, httpStatusOf } from "./errors.ts";
import { HttpRefusal } from "./http-refusal.ts";

/** Answers a request that did not get as far as GraphQL, or broke on its way. Returns the code that it was told. */
export function answerError(error: unknown, response: ServerResponse, formatError: FormatError): string | undefined {
  if (response.headersSent) return void response.destroy();
  const refusal = error instanceof HttpRefusal ? error : undefined;
  const answer = refusal ? { message: refusal.message, extensions: { code: refusal.code } } : formatError(error);
  const { code } = answer.extensions;
  const body = JSON.stringify({ errors: [answer] });
  response.setHeader("Content-Type", "application/json; charset=utf-8");
  response.setHeader("Content-Length", Buffer.byteLength(body));
  // What is left of a body that nobody reads ends with the connection.
  response.setHeader("Connection", "close");
  response.statusCode = refusal?.status ?? httpStatusOf([code]);
  response.end(body);
  return code;
}
