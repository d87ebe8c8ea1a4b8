import type { IncomingMessage } from "node:http";
import { HttpRefusal } from "./http-refusal.ts";

export interface BodyLimits {
  /** Of a request without a valid access token. */
  maxRequestBytes: number;
  /** Of a request with one: a new epoch for a thousand friends carries as many grants. */
  maxSignedInRequestBytes: number;
}

/** JSON is UTF-8 (RFC 8259); whoever says otherwise may mean something else. */
const JSON_TYPE = /^application\/json(\s*;\s*charset="?utf-8"?)?\s*$/i;
const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Reads a JSON body of at most the size that its sender may send. What is announced as too large, compressed or something
 * else is refused before a byte is read; what turns out to be too large is not read to its end. @throws HttpRefusal
 */
export async function readBody(request: IncomingMessage, isSignedIn: boolean, limits: BodyLimits): Promise<unknown> {
  const { "content-encoding": encoding = "identity", "content-type": type = "", "content-length": length } = request.headers;
  if (encoding !== "identity") throw new HttpRefusal(415, "BAD_REQUEST", "Send the body as it is: this relay unpacks no content-encoding.");
  if (!JSON_TYPE.test(type)) throw new HttpRefusal(415, "BAD_REQUEST", "Send the body as application/json, in UTF-8.");
  const maxBytes = isSignedIn ? limits.maxSignedInRequestBytes : limits.maxRequestBytes;
  const bytes = Number(length ?? 0) > maxBytes ? undefined : await readAtMost(request, maxBytes);
  if (bytes) return parseJson(bytes);
  throw new HttpRefusal(413, "SIZE_EXCEEDED", `The body is larger than ${maxBytes} bytes${isSignedIn ? "" : ", the most without a valid access token"}.`);
}

/** Undefined when there is more. Leaves the request open, so that it can be answered. */
function readAtMost(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      if (size <= maxBytes) return void chunks.push(chunk);
      request.off("data", take).pause();
      resolve(undefined);
    };
    request.on("data", take);
    request.once("end", () => resolve(Buffer.concat(chunks)));
    request.once("error", reject);
  });
}

/** The parser's own errors quote what they could not parse. */
function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    throw new HttpRefusal(400, "BAD_REQUEST", "The body is not JSON in UTF-8.");
  }
}
