import { request as requestPlain, type ClientRequest, type IncomingMessage } from "node:http";
import { request as requestSecure } from "node:https";

const TIMEOUT_MS = 5_000;
const MAX_BYTES = 65_536;

export interface Answer {
  status: number;
  /** Of the server's clock, to the second. */
  dateMs: number | undefined;
  text: string;
}

/**
 * One request to a web address; with a body, a POST of JSON. A certificate that does not hold is another check's matter, and
 * nothing secret is sent. Throws Node's error when there is no answer.
 */
export async function askAddress(url: string, body?: string): Promise<Answer> {
  const headers = body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  const options = { method: body === undefined ? "GET" : "POST", headers, timeout: TIMEOUT_MS, agent: false as const };
  const request = url.startsWith("https:") ? requestSecure(url, { ...options, rejectUnauthorized: false }) : requestPlain(url, options);
  const response = await send(request, body);
  const date = Date.parse(response.headers.date ?? "");
  return { status: response.statusCode ?? 0, dateMs: Number.isNaN(date) ? undefined : date, text: await readText(response) };
}

function send(request: ClientRequest, body: string | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once("response", resolve);
    request.once("error", reject);
    request.once("timeout", () => request.destroy(Object.assign(new Error("no answer in time"), { code: "ETIMEDOUT" })));
    request.end(body);
  });
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
