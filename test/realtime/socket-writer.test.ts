import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { FrameJoiner } from "../../src/realtime/graphql-ws/frame-joiner.ts";
import type { Answer } from "../../src/realtime/graphql-ws/shared-executions.ts";
import { SocketWriter } from "../../src/realtime/graphql-ws/socket-writer.ts";
import { Tick } from "../../src/realtime/tick.ts";

const LIMITS = { maxUnsentEntries: 50, maxUnsentBytes: 8_388_608 };
const HEAD = Buffer.from('{"payload":');

let server: Server;
let client: WebSocket;
let socket: WebSocket;
let connection: Duplex;
let writer: SocketWriter;
let slow: number;
let received: string[];

beforeEach(async () => {
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const accepted = new Promise<void>((resolve) => {
    server.on("upgrade", (request, raw, head) =>
      sockets.handleUpgrade(request, raw, head, (upgraded) => {
        [socket, connection] = [upgraded, raw];
        resolve();
      }),
    );
  });
  client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  received = [];
  client.on("message", (data: Buffer) => void received.push(data.toString()));
  await Promise.all([accepted, once(client, "open")]);
  slow = 0;
  writer = new SocketWriter({ socket, connection, tick: new Tick(), frames: new FrameJoiner(), limits: LIMITS, onSlow: () => void (slow += 1) });
});
afterEach(() => {
  client.terminate();
  socket.terminate();
  server.close();
});

const answerOf = (json: string): Answer => ({ payload: Buffer.from(json), ready: Promise.resolve() });
/** Of a message of this many bytes on the wire. */
const payloadOf = (bytes: number): Answer => answerOf(JSON.stringify("x".repeat(bytes - HEAD.length - 3)));

test("messages of every length of header arrive whole, in order, joined and with what ws writes between them", async () => {
  const lengths = [14, 124, 125, 126, 127, 65_534, 65_535, 65_536, 65_537, 300_000, 14];
  for (const length of lengths) writer.push(HEAD, payloadOf(length));
  writer.flush();
  socket.send("between");
  for (const length of lengths) writer.push(HEAD, payloadOf(length));
  await expect.poll(() => received.length).toBe(2 * lengths.length + 1);
  expect(received.map((text) => text.length)).toEqual([...lengths, "between".length, ...lengths]);
  for (const text of received.filter((one) => one !== "between")) expect(JSON.parse(text).payload).toMatch(/^x*$/);
});

test("what the network took only in part arrives as it was written, whatever is joined afterwards", async () => {
  client.pause();
  const texts: string[] = [];
  for (let behind = 0; behind < 3; behind += connection.writableLength > 0 ? 1 : 0) {
    texts.push(String(texts.length).padStart(12_000, "."));
    writer.push(HEAD, answerOf(JSON.stringify(texts.at(-1))));
    writer.flush();
    await new Promise((resolve) => setImmediate(resolve));
  }
  client.resume();
  await expect.poll(() => received.length).toBe(texts.length);
  expect(received.map((text) => JSON.parse(text).payload === texts[received.indexOf(text)])).not.toContain(false);
});

test("what is pushed in one tick is one write", async () => {
  const writes: number[] = [];
  const write = connection.write.bind(connection);
  connection.write = ((chunk: Buffer) => {
    writes.push(chunk.length);
    return write(chunk);
  }) as typeof connection.write;
  for (let pushed = 0; pushed < 8; pushed += 1) writer.push(HEAD, payloadOf(900));
  expect(writes).toEqual([]);
  await expect.poll(() => received.length).toBe(8);
  expect(writes).toEqual([8 * (900 + 4)]);
});

test("an answer that is not ready holds back what was pushed after it, and nothing else", async () => {
  let makeReady = (): void => undefined;
  const late: Answer = { payload: undefined, ready: new Promise((resolve) => (makeReady = resolve)) };
  writer.push(HEAD, answerOf("1"));
  writer.push(HEAD, late);
  writer.push(HEAD, answerOf("3"));
  await expect.poll(() => received).toEqual(['{"payload":1}']);
  let isSettled = false;
  const settled = writer.settle().then(() => (isSettled = true));
  socket.send("pong");
  await expect.poll(() => received.length).toBe(2);
  expect(isSettled).toBe(false);
  late.payload = Buffer.from("2");
  makeReady();
  await settled;
  await expect.poll(() => received).toEqual(['{"payload":1}', "pong", '{"payload":2}', '{"payload":3}']);
});

test("what an operation wanted to say is dropped with it, and nothing else", async () => {
  const other = Buffer.from('{"other":');
  writer.push(HEAD, payloadOf(20));
  writer.push(other, answerOf("1"));
  writer.drop(HEAD);
  await expect.poll(() => received).toEqual(['{"other":1}']);
});

test("nothing is written to a socket that closes", async () => {
  writer.push(HEAD, payloadOf(20));
  socket.close();
  writer.push(HEAD, payloadOf(20));
  await once(client, "close");
  expect(received).toEqual([]);
});

test("a client that does not read is slow once too many messages wait, and not before any waits", async () => {
  for (let pushed = 0; pushed < 2 * LIMITS.maxUnsentEntries; pushed += 1) writer.push(HEAD, payloadOf(20));
  await expect.poll(() => received.length).toBe(2 * LIMITS.maxUnsentEntries);
  expect(slow).toBe(0);
  client.pause();
  while (connection.writableLength === 0) {
    writer.push(HEAD, payloadOf(60_000));
    writer.flush();
    await new Promise((resolve) => setImmediate(resolve));
  }
  for (let pushed = 0; pushed <= LIMITS.maxUnsentEntries; pushed += 1) writer.push(HEAD, payloadOf(20));
  writer.flush();
  expect(slow).toBeGreaterThan(0);
});

test("there is room until the network is full, and again when it has taken everything, or when the socket is gone", async () => {
  expect(writer.room()).toBeUndefined();
  client.pause();
  fillNetwork();
  const room = writer.room();
  let isRoom = false;
  void room?.then(() => (isRoom = true));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(isRoom).toBe(false);
  client.resume();
  await room;
  client.pause();
  fillNetwork();
  const last = writer.room();
  socket.terminate();
  await last;
});

/** Leaves something to write that the network does not take. */
function fillNetwork(): void {
  while (!connection.writableNeedDrain) {
    writer.push(HEAD, payloadOf(60_000));
    writer.flush();
  }
}
