import express, { type RequestHandler } from "express";
import { HttpRefusal } from "./http-refusal.ts";
import { requestRecord } from "./request-record.ts";

export interface BodyLimits {
  /** Of a request without a valid access token. */
  maxRequestBytes: number;
  /** Of a request with one: a new epoch for a thousand friends carries as many grants. */
  maxSignedInRequestBytes: number;
}

/**
 * Reads a JSON body of at most the size that its sender may send. What is announced as too large or as compressed is
 * refused before a byte is read.
 */
export function readBody(limits: BodyLimits): RequestHandler {
  const options = { inflate: false, type: "application/json" };
  const readAnonymous = express.json({ ...options, limit: limits.maxRequestBytes });
  const readSignedIn = express.json({ ...options, limit: limits.maxSignedInRequestBytes });

  return (request, response, next) => {
    const encoding = request.headers["content-encoding"];
    if (encoding !== undefined && encoding !== "identity") {
      throw new HttpRefusal(415, "BAD_REQUEST", "Send the body as it is: this relay unpacks no content-encoding.");
    }
    const isSignedIn = requestRecord(response).viewer !== undefined;
    const maxBytes = isSignedIn ? limits.maxSignedInRequestBytes : limits.maxRequestBytes;
    if (Number(request.headers["content-length"] ?? 0) > maxBytes) throw tooLarge(maxBytes, isSignedIn);
    const read = isSignedIn ? readSignedIn : readAnonymous;
    read(request, response, (error?: unknown) => next(error === undefined ? undefined : toRefusal(error, maxBytes, isSignedIn)));
  };
}

function tooLarge(maxBytes: number, isSignedIn: boolean): HttpRefusal {
  return new HttpRefusal(413, "SIZE_EXCEEDED", `The body is larger than ${maxBytes} bytes${isSignedIn ? "" : ", the most without a valid access token"}.`);
}

/** The parser's own errors quote what they could not parse. */
function toRefusal(error: unknown, maxBytes: number, isSignedIn: boolean): unknown {
  const { type, status } = error as { type?: unknown; status?: unknown };
  if (type === "entity.too.large") return tooLarge(maxBytes, isSignedIn);
  if (status === 415) return new HttpRefusal(415, "BAD_REQUEST", "Send the body as JSON in UTF-8.");
  if (typeof status === "number" && status < 500) return new HttpRefusal(400, "BAD_REQUEST", "The body is not the JSON of a GraphQL request.");
  return error;
}
