import type { Request, RequestHandler } from "express";
import { HttpRefusal } from "./http-refusal.ts";
import { requestRecord } from "./request-record.ts";

export interface BodyLimits {
  /** Of a request without a valid access token. */
  maxRequestBytes: number;
  /** Of a request with one: a new epoch for a thousand friends carries as many grants. */
  maxSignedInRequestBytes: number;
}

/** JSON is UTF-8 (RFC 8259); whoever says otherwise may mean something else. */
const JSON_TYPE = /^application\/json(\s*;\s*charset="?utf-8"?)?\s*$/i;

/**
 * Reads a JSON body of at most the size that its sender may send. What is announced as too large, compressed or something
 * else is refused before a byte is read; what turns out to be too large is not read to its end.
 */
export function readBody(limits: BodyLimits): RequestHandler {
  return async (request, response, next) => {
    const { "content-encoding": encoding = "identity", "content-type": type = "", "content-length": length } = request.headers;
    if (encoding !== "identity") throw new HttpRefusal(415, "BAD_REQUEST", "Send the body as it is: this relay unpacks no content-encoding.");
    if (!JSON_TYPE.test(type)) throw new HttpRefusal(415, "BAD_REQUEST", "Send the body as application/json, in UTF-8.");
    const isSignedIn = requestRecord(response).viewer !== undefined;
    const maxBytes = isSignedIn ? limits.maxSignedInRequestBytes : limits.maxRequestBytes;
    const tooLarge = new HttpRefusal(413, "SIZE_EXCEEDED", `The body is larger than ${maxBytes} bytes${isSignedIn ? "" : ", the most without a valid access token"}.`);
    if (Number(length ?? 0) > maxBytes) throw tooLarge;
    const bytes = await readAtMost(request, maxBytes);
    if (!bytes) throw tooLarge;
    request.body = parseJson(bytes);
    next();
  };
}

/** Undefined when there is more. Leaves the request open, so that it can be answered. */
async function readAtMost(request: Request, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The parser's own errors quote what they could not parse. */
function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new HttpRefusal(400, "BAD_REQUEST", "The body is not JSON in UTF-8.");
  }
}
