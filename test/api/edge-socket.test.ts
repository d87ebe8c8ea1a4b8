import { createClient } from "graphql-ws";
import pg from "pg";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { generateBytes, opaqueReady, ready } from "../../src/crypto/index.ts";
import { encodeBase64url } from "../../src/protocol/index.ts";
import { ask } from "../support/graphql.ts";
import { openRawSocket, type RawSocket, type RawSocketOptions } from "../support/raw-socket.ts";
import { registerPerson, type RegisteredPerson } from "../support/registered.ts";
import { type RunningRelay, type RunningRelayOptions, startTestRelay } from "../support/relay.ts";

const VIEWER = "{ viewer { user { username } } }";
const EVENTS = "subscription { friendshipChanged(after: 0) { number } }";

let relay: RunningRelay;
let alice: RegisteredPerson;
beforeAll(async () => void (await Promise.all([ready(), opaqueReady()])));
afterEach(() => relay.stop());

async function start(options: RunningRelayOptions = {}): Promise<void> {
  relay = await startTestRelay(options);
  alice = await registerPerson(relay);
}

async function signedIn(person = alice, options: RawSocketOptions = {}): Promise<RawSocket> {
  const socket = await openRawSocket(relay, options);
  expect(await socket.init(person.token)).toEqual({ type: "connection_ack" });
  return socket;
}

const from = (address: string): RawSocketOptions => ({ headers: { "x-forwarded-for": address } });

describe("a page of another origin gets no socket", () => {
  test("only whole origins that were allowed", async () => {
    await start({ config: { origins: ["https://app.example"] } });
    const refused = [
      "https://evil.example", "null", "https://app.example.evil.example", "https://evil.example/https://app.example", "http://app.example",
      `${relay.origin}.evil.example`, `http://127.0.0.1:${relay.port}0`, "https://app.example:444", "file://",
    ];
    for (const origin of refused) await expect(openRawSocket(relay, { origin }), origin).rejects.toMatchObject({ status: 403 });
    for (const origin of ["https://app.example", relay.origin, `http://localhost:${relay.port}`]) {
      const socket = await signedIn(alice, { origin });
      await socket.close();
    }
  });

  test("and no other path is a socket", async () => {
    await start();
    await expect(openRawSocket({ wsUrl: relay.wsUrl.replace("/graphql", "/other") })).rejects.toMatchObject({ status: 404 });
  });
});

describe("only connection_init signs in", () => {
  test.each([
    ["nothing at all", undefined],
    ["a made up token", "not.a.token"],
    ["something that is no text", { toString: "x" }],
  ])("%s: 4403", async (_, token) => {
    await start();
    const socket = await openRawSocket(relay);
    await socket.init(token);
    expect((await socket.closed).code).toBe(4403);
  });

  test("a token in a cookie, a header or the address: 4403", async () => {
    await start();
    const headers = { cookie: `accessToken=${alice.token}`, authorization: `Bearer ${alice.token}` };
    const socket = await openRawSocket({ wsUrl: `${relay.wsUrl}?accessToken=${alice.token}` }, { headers });
    await socket.init();
    expect((await socket.closed).code).toBe(4403);
    expect(relay.logs.join("")).not.toContain(alice.token);
  });

  test("a token whose session ended: 4403", async () => {
    await start();
    await endSessions(alice);
    const socket = await openRawSocket(relay);
    await socket.init(alice.token);
    expect((await socket.closed).code).toBe(4403);
  });
});

describe("the rules of the protocol are kept", () => {
  test.each([
    ["no connection_init in time: 4408", { connectionInitMs: 200 }, () => undefined, 4408],
    ["a second connection_init: 4429", {}, (socket: RawSocket) => (void socket.init(alice.token), socket.send({ type: "connection_init" })), 4429],
    ["an operation before it: 4401", {}, (socket: RawSocket) => socket.send({ id: "1", type: "subscribe", payload: { query: VIEWER } }), 4401],
    ["no JSON: 4400", {}, (socket: RawSocket) => socket.send("secret"), 4400],
    ["an unknown type: 4400", {}, (socket: RawSocket) => socket.send({ type: "start" }), 4400],
    ["an answer from a client: 4400", {}, (socket: RawSocket) => socket.send({ type: "connection_ack" }), 4400],
    ["an operation without text: 4400", {}, (socket: RawSocket) => socket.send({ id: "1", type: "subscribe", payload: {} }), 4400],
    ["more than 256 KiB: 1009", {}, (socket: RawSocket) => socket.send("x".repeat(256 * 1024 + 1)), 1009],
    ["in ever more fragments: 1008", {}, (socket: RawSocket) => sendFragments(socket, 65), 1008],
  ] as const)("%s", async (_, limits, misbehave, code) => {
    await start({ limits });
    const socket = await openRawSocket(relay);
    misbehave(socket);
    const closed = await socket.closed;
    expect(closed.code).toBe(code);
    expect(closed.reason).not.toContain("secret");
  });

  test("another subprotocol, or none: 4406", async () => {
    await start();
    await expect(openRawSocket(relay, { protocol: "graphql-ws" })).rejects.toThrow();
    const socket = await openRawSocket(relay, { protocol: "" });
    expect((await socket.closed).code).toBe(4406);
  });

  test("whoever answers no ping is gone; whoever does stays", async () => {
    await start({ limits: { pingMs: 500 } });
    const silent = await signedIn(alice, { autoPong: false });
    const living = await signedIn();
    expect((await silent.closed).code).toBe(1006);
    expect(await living.ask(VIEWER)).toMatchObject({ type: "next" });
    await living.close();
  });

  test("a message has room for the positions of a thousand friends", async () => {
    await start();
    const socket = await signedIn();
    const after = Array.from({ length: 1000 }, () => ({ author: encodeBase64url(generateBytes(32)), seq: Number.MAX_SAFE_INTEGER }));
    const query = "subscription ($after: [PositionInput!]!) { entryAppended(after: $after) { ... on CaughtUp { authors } } }";
    expect(await socket.ask(query, { after })).toMatchObject({ type: "next", payload: { data: { entryAppended: { authors: expect.any(Number) } } } });
    await socket.close();
  });

  test("256 KiB are taken, nothing is compressed", async () => {
    await start();
    const socket = await signedIn(alice, { perMessageDeflate: true });
    expect(socket.socket.extensions).toBe("");
    expect(await socket.ask(VIEWER, { pad: "x".repeat(255 * 1024) })).toMatchObject({ type: "next", payload: { data: { viewer: {} } } });
    await socket.close();
  });
});

describe("nobody has more than a share", () => {
  test("ten operations at once on a socket, one more: 4291", async () => {
    await start();
    const socket = await signedIn();
    for (let id = 1; id <= 10; id += 1) socket.send({ id: `${id}`, type: "subscribe", payload: { query: EVENTS } });
    expect(await socket.ask(VIEWER, {}, "10b").then(() => socket.closed)).toMatchObject({ code: 4291 });
  });

  test("whoever asks and never reads the answers: 4290", async () => {
    await start();
    const socket = await signedIn();
    socket.socket.pause();
    // More than the networks of both sides hold.
    for (let count = 0; count < 400; count += 1) socket.send({ type: "ping", payload: { pad: "x".repeat(200 * 1024) } });
    while (!relay.logs.some((line) => line.includes('"code":4290'))) await new Promise((resolve) => setTimeout(resolve, 20));
    socket.socket.resume();
    expect((await socket.closed).code).toBe(4290);
  });

  test("operations that are over do not count", async () => {
    await start();
    const socket = await signedIn();
    for (let round = 0; round < 30; round += 1) {
      socket.send({ id: "s", type: "subscribe", payload: { query: EVENTS } });
      socket.send({ id: "s", type: "complete" });
      expect(await socket.ask(VIEWER, {}, `${round}`)).toMatchObject({ id: `${round}`, type: "next" });
      expect(await socket.next()).toMatchObject({ type: "complete" });
    }
    await socket.close();
  });

  test("eight sockets of a user, one more: 4292; another user is not in the way", async () => {
    await start();
    const sockets = await Promise.all(Array.from({ length: 8 }, () => signedIn()));
    const ninth = await openRawSocket(relay);
    ninth.send({ type: "connection_init", payload: { accessToken: alice.token } });
    expect((await ninth.closed).code).toBe(4292);
    const bob = await registerPerson(relay);
    await (await signedIn(bob)).close();
    await sockets[0]?.close();
    await (await signedIn()).close();
    await Promise.all(sockets.map((socket) => socket.close()));
  });

  test("fifty sockets of an address, signed in or not; one more is refused with 429, whatever it forges", async () => {
    await start();
    const sockets = await Promise.all(Array.from({ length: 50 }, () => openRawSocket(relay)));
    await expect(openRawSocket(relay)).rejects.toMatchObject({ status: 429 });
    await expect(openRawSocket(relay, from("198.51.100.7"))).rejects.toMatchObject({ status: 429 });
    await sockets[0]?.close();
    await (await openRawSocket(relay)).close();
    await Promise.all(sockets.map((socket) => socket.close()));
  });

  test("behind a proxy, an address is the one that the proxy saw", async () => {
    await start({ config: { trustedProxyHops: 1 }, limits: { maxSocketsPerAddress: 2 } });
    const sockets = [await openRawSocket(relay, from("6.6.6.6, 203.0.113.1")), await openRawSocket(relay, from("7.7.7.7, 203.0.113.1"))];
    await expect(openRawSocket(relay, from("8.8.8.8, 203.0.113.1"))).rejects.toMatchObject({ status: 429 });
    sockets.push(await openRawSocket(relay, from("203.0.113.2")));
    await Promise.all(sockets.map((socket) => socket.close()));
  });
});

describe("a socket lives as long as its session", () => {
  test("it outlives its access token, which opens no other", async () => {
    await start({ limits: { accessTokenSeconds: 1, refreshGraceSeconds: 0 } });
    const socket = await signedIn();
    while ((await ask(relay, { query: VIEWER, token: alice.token })).status !== 401) await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await socket.ask(VIEWER)).toMatchObject({ payload: { data: { viewer: { user: { username: alice.username } } } } });
    const late = await openRawSocket(relay);
    await late.init(alice.token);
    expect((await late.closed).code).toBe(4403);
    await socket.close();
  });

  test.each([
    ["is ended", () => endSession(alice)],
    ["is ended with all others", () => endSessions(alice)],
  ])("when the session %s, its sockets are closed with 4401 and others are not", async (_, end) => {
    await start();
    const bob = await registerPerson(relay);
    const sockets = [await signedIn(), await signedIn()];
    const other = await signedIn(bob);
    for (const socket of sockets) socket.send({ id: "1", type: "subscribe", payload: { query: EVENTS } });
    await end();
    for (const socket of sockets) expect(await socket.closed).toMatchObject({ code: 4401 });
    expect(await other.ask(VIEWER)).toMatchObject({ type: "next" });
    await other.close();
  });

  test("whoever reuses a spent refresh token ends the session, and its sockets", async () => {
    await start({ limits: { refreshGraceSeconds: 0 } });
    const socket = await signedIn();
    const refresh = () =>
      ask(relay, { query: "mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) { __typename } }", variables: { input: { refreshToken: alice.refreshToken } } });
    expect((await refresh()).data).toEqual({ refreshSession: { __typename: "SessionRefreshed" } });
    while ((await refresh()).data.refreshSession.__typename !== "Refused") await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await socket.closed).toMatchObject({ code: 4401 });
  });

  test("a session that ends while its socket signs in gets no socket", async () => {
    await start();
    for (let round = 0; round < 20; round += 1) {
      const person = await registerPerson(relay);
      const socket = await openRawSocket(relay);
      socket.send({ type: "connection_init", payload: { accessToken: person.token } });
      await endSession(person);
      const { code } = await socket.closed;
      expect([4401, 4403]).toContain(code);
    }
  });

  test("what a client says after its session ended is not heard", async () => {
    await start();
    const socket = await signedIn();
    // A client that never agrees to close: its library sees no closing frame.
    const connection = (socket.socket as unknown as { _socket: NodeJS.ReadableStream })._socket;
    connection.pause();
    await endSession(alice);
    const query = `mutation { setEmail(input: { email: "${"A".repeat(43)}" }) { __typename } }`;
    socket.send({ id: "late", type: "subscribe", payload: { query } });
    connection.resume();
    expect((await socket.closed).code).toBe(4401);
    const database = new pg.Client(relay.database.connection);
    await database.connect();
    const { rows } = await database.query('SELECT FROM "User" WHERE "emailHash" IS NOT NULL');
    await database.end();
    expect(rows).toEqual([]);
  });
});

describe("with the stock client of graphql-ws", () => {
  const stock = (token: string) =>
    createClient({ url: relay.wsUrl, webSocketImpl: WebSocket, retryAttempts: 0, lazyCloseTimeout: 0, connectionParams: { accessToken: token } });

  test("an operation is answered and a subscription begins", async () => {
    await start();
    const client = stock(alice.token);
    for await (const answer of client.iterate({ query: VIEWER })) expect(answer).toEqual({ data: { viewer: { user: { username: alice.username } } } });
    await client.dispose();
  });

  test("whoever is nobody gets no data", async () => {
    await start();
    const client = stock("not.a.token");
    const read = async (): Promise<unknown> => {
      const answers: unknown[] = [];
      for await (const answer of client.iterate({ query: EVENTS })) answers.push(answer);
      return answers;
    };
    await expect(read()).rejects.toMatchObject({ code: 4403 });
    await client.dispose();
  });
});

test("when the relay stops, sockets are closed with 1001 and no new one opens", async () => {
  await start();
  const socket = await signedIn();
  socket.send({ id: "1", type: "subscribe", payload: { query: EVENTS } });
  const stopped = relay.stop();
  expect(await socket.closed).toMatchObject({ code: 1001 });
  await stopped;
  relay = await startTestRelay();
});

function sendFragments({ socket }: RawSocket, count: number): void {
  for (let index = 0; index < count; index += 1) socket.send("x", { fin: false });
}

async function endSession({ sessionId, token }: RegisteredPerson): Promise<void> {
  const query = "mutation ($input: EndSessionInput!) { endSession(input: $input) { __typename } }";
  expect((await ask(relay, { query, variables: { input: { sessionId } }, token })).data).toEqual({ endSession: { __typename: "SessionsEnded" } });
}

async function endSessions({ token }: RegisteredPerson): Promise<void> {
  const query = "mutation { endAllSessions(input: { includeCurrent: true }) { __typename } }";
  expect((await ask(relay, { query, token })).data).toEqual({ endAllSessions: { __typename: "SessionsEnded" } });
}
