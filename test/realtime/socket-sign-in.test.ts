import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buildSchema } from "graphql";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Bus } from "../../src/domain/ports/index.ts";
import type { Viewer } from "../../src/domain/viewer.ts";
import { Tick } from "../../src/realtime/tick.ts";
import { createSocketServer, type SocketServer } from "../../src/realtime/graphql-ws/socket-server.ts";
import { createInProcessBus } from "../../src/realtime/buses/in-process-bus.ts";
import { defaultLimits } from "../../src/server/config/limits.ts";
import { silentLog } from "../support/quiet.ts";
import { openRawSocket } from "../support/raw-socket.ts";

const viewer: Viewer = { userId: new Uint8Array(32).fill(1), sessionId: new Uint8Array(16).fill(2) };
const tooEarly = (): never => {
  throw new Error("no operation is sent here");
};

let bus: Bus;
let sockets: SocketServer;
let wsUrl: string;
/** Tokens that are being checked: a test says when each check is done, and how. */
let checks: { finish(found: Viewer | undefined): void; fail(error: Error): void }[];
let close: () => Promise<void>;

beforeEach(async () => {
  bus = createInProcessBus(silentLog);
  checks = [];
  sockets = createSocketServer({
    schema: buildSchema("type Query { nothing: Int }"),
    admit: tooEarly,
    createContext: tooEarly,
    createSharedContext: tooEarly,
    formatError: ({ message }: Error) => ({ message }),
    report: () => undefined,
    nowMs: () => 0,
    authenticate: () => new Promise((finish, fail) => checks.push({ finish, fail })),
    addressOf: () => "192.0.2.1",
    isAllowedOrigin: () => false,
    bus,
    tick: new Tick(),
    log: silentLog,
    limits: { ...defaultLimits, maxSocketsPerUser: 1 },
  });
  const server = createServer().on("upgrade", (request, connection, head) => sockets.handleUpgrade(request, connection, head));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  wsUrl = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  close = async () => {
    await sockets.close();
    server.close();
  };
});
afterEach(() => close());

async function until(isReached: () => boolean): Promise<void> {
  while (!isReached()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test("a session that ends while its token is being checked gets no socket", async () => {
  const socket = await openRawSocket({ wsUrl });
  socket.send({ type: "connection_init", payload: { accessToken: "token" } });
  await until(() => checks.length === 1);
  bus.publish({ kind: "sessionsEnded", userId: viewer.userId, sessionIds: [viewer.sessionId] });
  checks[0]?.finish(viewer);
  expect((await socket.closed).code).toBe(4403);
});

test("whoever leaves while the token is being checked is not counted for ever", async () => {
  const gone = await openRawSocket({ wsUrl });
  gone.send({ type: "connection_init", payload: { accessToken: "token" } });
  await until(() => checks.length === 1);
  await gone.close();
  await until(() => sockets.socketCount === 0);
  checks[0]?.finish(viewer);

  const socket = await openRawSocket({ wsUrl });
  socket.send({ type: "connection_init", payload: { accessToken: "token" } });
  await until(() => checks.length === 2);
  checks[1]?.finish(viewer);
  expect(await socket.next()).toEqual({ type: "connection_ack" });
});

test("a token that cannot be checked closes the socket with 1013, so that its client tries again", async () => {
  const socket = await openRawSocket({ wsUrl });
  socket.send({ type: "connection_init", payload: { accessToken: "token" } });
  await until(() => checks.length === 1);
  checks[0]?.fail(new Error("the database is away"));
  const { code, reason } = await socket.closed;
  expect(code).toBe(1013);
  expect(reason).not.toContain("database");
});
