import { request } from "node:http";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { opaqueReady, ready } from "../../src/crypto/index.ts";
import { ask } from "../support/graphql.ts";
import { registerPerson, type RegisteredPerson } from "../support/registered.ts";
import { type RunningRelay, startTestRelay } from "../support/relay.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const QUERY = "{ relay { time } }";

let relay: RunningRelay;
let alice: RegisteredPerson;
beforeAll(async () => {
  await Promise.all([ready(), opaqueReady()]);
  relay = await startTestRelay({ limits: { headersTimeoutMs: 500 }, config: { origins: ["https://app.example"] } });
  alice = await registerPerson(relay);
});
afterAll(() => relay.stop());

/** Sends raw text and returns everything that came back until the relay closed the connection. */
function exchange(text: string, { port } = relay): Promise<string> {
  return new Promise((resolve, reject) => {
    const connection = connect(port, "127.0.0.1", () => connection.write(text));
    let answer = "";
    connection.setEncoding("utf8").on("data", (part: string) => (answer += part));
    connection.once("close", () => resolve(answer)).once("error", reject);
  });
}

const head = (lines: string[]): string => ["POST /graphql HTTP/1.1", "Host: relay", "Content-Type: application/json", ...lines, "", ""].join("\r\n");
const padded = (bytes: number): string => JSON.stringify({ query: QUERY, variables: { pad: "x".repeat(bytes) } });
const bodyOf = (answer: string): { errors: { extensions: { code: string } }[] } => JSON.parse(answer.slice(answer.indexOf("\r\n\r\n")));

describe("a body is as large as its sender may send", () => {
  test("256 KiB from anybody, and not a byte of more is waited for", async () => {
    expect((await ask(relay, { body: padded(255 * KIB) })).status).toBe(200);
    const answer = await exchange(head([`Content-Length: ${256 * KIB + 1}`]));
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(bodyOf(answer).errors[0]?.extensions.code).toBe("SIZE_EXCEEDED");
  });

  test("4 MiB with a valid access token", async () => {
    expect((await ask(relay, { body: padded(4 * MIB - 100), token: alice.token })).status).toBe(200);
    const answer = await exchange(head([`Content-Length: ${4 * MIB + 1}`, `Authorization: Bearer ${alice.token}`]));
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  test.each([
    ["made up", () => "not.a.token"],
    ["of somebody else's making", () => `${alice.token.slice(0, -4)}AAAA`],
  ])("an access token %s buys nothing", async (_, token) => {
    const answer = await exchange(head([`Content-Length: ${MIB}`, `Authorization: Bearer ${token()}`]));
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  test("a body that does not say how long it is, is cut at the same length", async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const upload = request(relay.url, { method: "POST", headers: { "content-type": "application/json" } }, (response) => resolve(response.resume().statusCode));
      upload.once("error", reject);
      upload.write(`{"query":"${QUERY}","variables":{"pad":"`);
      for (let sent = 0; sent < 5; sent += 1) upload.write("x".repeat(64 * KIB));
    });
    expect(status).toBe(413);
  });

  test("nothing is unpacked", async () => {
    const bomb = gzipSync(Buffer.alloc(8 * MIB, " "));
    const answer = await ask(relay, { body: new Uint8Array(bomb), headers: { "content-encoding": "gzip" } });
    expect(answer.status).toBe(415);
    expect(answer.codes).toEqual(["BAD_REQUEST"]);
  });
});

describe("what is no GraphQL request is refused in a few words of JSON", () => {
  test.each([
    ["broken JSON", { body: '{"query": "{ secret }' }, 400],
    ["bytes that are no text", { body: new Uint8Array([0x22, 0xff, 0xfe, 0x22]) }, 400],
    ["JSON that is no object", { body: '"text"' }, 400],
    ["an empty object", { body: "{}" }, 400],
    ["a list of requests", { body: JSON.stringify([{ query: QUERY }, { query: QUERY }]) }, 400],
    ["variables that are no object", { body: JSON.stringify({ query: QUERY, variables: "text" }) }, 400],
    ["a syntax error", { query: "{ relay {" }, 400],
    ["an operation that is not there", { query: "query A { relay { time } }", operationName: "B" }, 400],
    ["a form, as any page could send it", { body: "query={relay{time}}", headers: { "content-type": "application/x-www-form-urlencoded" } }, 415],
    ["plain text, as any page could send it", { body: JSON.stringify({ query: QUERY }), headers: { "content-type": "text/plain" } }, 415],
    ["another character set", { query: QUERY, headers: { "content-type": "application/json; charset=utf-16" } }, 415],
    ["a subscription", { query: "subscription { thoughtCreated { seq } }" }, 400],
  ])("%s", async (_, question, status) => {
    const answer = await ask(relay, question);
    expect(answer.status).toBe(status);
    expect(answer.codes).toHaveLength(1);
    expect(answer.text.length).toBeLessThan(700);
    expect(answer.text).not.toMatch(/node_modules|\.ts:|\.js:|secret/);
  });

  test.each([
    ["GET of a query", "GET", "/graphql?query={relay{time}}", 405],
    ["PUT", "PUT", "/graphql", 405],
    ["a path that is not there", "GET", "/nowhere", 404],
    ["a path that cannot be decoded", "GET", "/%ff", 404],
  ])("%s", async (_, method, path, status) => {
    const response = await fetch(`${relay.origin}${path}`, { method });
    expect(response.status).toBe(status);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ errors: [{ extensions: { code: "BAD_REQUEST" } }] });
    expect(text).not.toContain("%ff");
  });

  test("headers that never end", async () => {
    expect(await exchange("POST /graphql HTTP/1.1\r\nHost: relay\r\nX-Slow: ")).toMatch(/^HTTP\/1\.1 408 /);
  });
});

test("a body that never ends is not waited for", async () => {
  const impatient = await startTestRelay({ limits: { headersTimeoutMs: 500, requestTimeoutMs: 500 } });
  expect(await exchange(`${head(["Content-Length: 100"])}{"query":`, impatient)).toMatch(/^HTTP\/1\.1 408 /);
  await impatient.stop();
});

describe("who is signed in", () => {
  const asViewer = (headers: Record<string, string>) => ask(relay, { query: "{ viewer { user { username } } }", headers });

  test("says the Bearer token in the Authorization header", async () => {
    expect((await asViewer({ authorization: `Bearer ${alice.token}` })).data.viewer.user.username).toBe(alice.username);
  });

  test.each([
    ["a cookie", (token: string) => ({ cookie: `accessToken=${token}; authorization=Bearer ${token}` })],
    ["another scheme", (token: string) => ({ authorization: `Basic ${token}` })],
    ["a token without a scheme", (token: string) => ({ authorization: token })],
    ["a header of another name", (token: string) => ({ "x-access-token": token })],
    ["the refresh token", () => ({ authorization: `Bearer ${alice.refreshToken}` })],
  ])("and not %s", async (_, headers) => {
    const answer = await asViewer(headers(alice.token));
    expect(answer).toMatchObject({ status: 401, codes: ["UNAUTHENTICATED"] });
  });

  test("a token outlives its session nowhere", async () => {
    const bob = await registerPerson(relay);
    const end = "mutation ($input: EndSessionInput!) { endSession(input: $input) { __typename } }";
    await ask(relay, { query: end, variables: { input: { sessionId: bob.sessionId } }, token: bob.token });
    expect(await ask(relay, { query: "{ viewer { user { id } } }", token: bob.token })).toMatchObject({ status: 401, codes: ["UNAUTHENTICATED"] });
  });
});

describe("web pages", () => {
  test("of allowed origins may ask, and read when to come back", async () => {
    for (const origin of ["https://app.example", relay.origin, `http://localhost:${relay.port}`]) {
      const { headers, status } = await ask(relay, { query: QUERY, headers: { origin } });
      expect(status).toBe(200);
      expect(headers.get("access-control-allow-origin")).toBe(origin);
      expect(headers.get("access-control-allow-credentials")).toBeNull();
    }
    const preflight = await fetch(relay.url, { method: "OPTIONS", headers: { origin: "https://app.example", "access-control-request-method": "POST" } });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-headers")).toContain("Authorization");
  });

  test.each(["https://evil.example", "null", "https://app.example.evil.example", "http://app.example", "https://app.example:8443"])("of %s may not", async (origin) => {
    const preflight = await fetch(relay.url, { method: "OPTIONS", headers: { origin, "access-control-request-method": "POST" } });
    const { headers } = await ask(relay, { query: QUERY, headers: { origin } });
    expect(preflight.headers.get("access-control-allow-origin")).toBeNull();
    expect(headers.get("access-control-allow-origin")).toBeNull();
  });

  const securityHeaders = (headers: Headers): Record<string, string> =>
    Object.fromEntries([...headers].filter(([name]) => !["date", "content-length", "keep-alive", "connection", "etag", "last-modified", "accept-ranges"].includes(name)));

  test("the API's headers", async () => {
    const { headers } = await ask(relay, { query: QUERY });
    expect(securityHeaders(headers)).toMatchInlineSnapshot(`
      {
        "cache-control": "no-store",
        "content-security-policy": "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'",
        "content-type": "application/json; charset=utf-8",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "origin-agent-cluster": "?1",
        "referrer-policy": "no-referrer",
        "strict-transport-security": "max-age=31536000; includeSubDomains",
        "vary": "Origin",
        "x-content-type-options": "nosniff",
        "x-dns-prefetch-control": "off",
        "x-download-options": "noopen",
        "x-frame-options": "DENY",
        "x-permitted-cross-domain-policies": "none",
        "x-xss-protection": "0",
      }
    `);
  });

  test("the playground's headers: no inline script, nothing from elsewhere", async () => {
    const { headers } = await fetch(`${relay.origin}/playground/`);
    expect(headers.get("content-security-policy")?.split(";")).toMatchInlineSnapshot(`
      [
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types default peerbrain-inert defaultWorkerFactory diffEditorWidget diffReview domLineBreaksComputer editorGhostText editorViewLayer standaloneColorizer stickyScrollViewLayer tokenizeToString dompurify",
      ]
    `);
    expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
    expect(headers.get("cross-origin-embedder-policy")).toBe("require-corp");
  });
});

test("whoever opens an invite link in a browser is told what to do with it, whatever name it bears", async () => {
  for (const path of ["/invite", "/invite/alice"]) {
    const response = await fetch(`${relay.origin}${path}`);
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/plain; charset=utf-8"]);
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(await response.text()).toMatch(/befriend[^]*register/);
  }
});

test("health answers, and says nothing else", async () => {
  const live = await fetch(`${relay.origin}/healthz`);
  const readiness = await fetch(`${relay.origin}/readyz`);
  expect([live.status, await live.json()]).toEqual([200, { live: true }]);
  expect([readiness.status, await readiness.json()]).toEqual([200, { ready: true, database: true }]);
});
