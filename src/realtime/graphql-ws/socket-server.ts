import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { CloseCode, GRAPHQL_TRANSPORT_WS_PROTOCOL, handleProtocols } from "graphql-ws";
import { type WebSocket, WebSocketServer } from "ws";
import type { Log } from "../../domain/log.ts";
import type { Bus } from "../../domain/ports/index.ts";
import type { Viewer } from "../../domain/viewer.ts";
import { idKey } from "../../protocol/index.ts";
import { CLOSE_CODES } from "./close-codes.ts";
import { ClientSocket, type SocketHouse } from "./client-socket.ts";
import { Conversation } from "./conversation.ts";
import type { Tick } from "../tick.ts";
import { createOperations, type OperationsOptions } from "./operations.ts";
import { createSocketRegistry } from "./socket-registry.ts";
import { FrameJoiner } from "./frame-joiner.ts";
import { SocketWriter } from "./socket-writer.ts";
import { waitUntil } from "./wait-until.ts";

export interface SocketLimits {
  connectionInitMs: number;
  /** Of a message from a client; a longer one closes its socket. */
  maxFrameBytes: number;
  maxOperationsPerSocket: number;
  maxSocketsPerUser: number;
  maxSocketsPerAddress: number;
  /** Messages of streams that wait for the network, before a client counts as too slow. */
  maxUnsentEntries: number;
  /** Written and not yet taken by the network, before a client counts as too slow. */
  maxUnsentBytes: number;
  /** Between two signs of life. */
  pingMs: number;
}

export interface SocketServerOptions extends OperationsOptions {
  /** Who an access token stands for, as long as the session is open. */
  authenticate(accessToken: string): Promise<Viewer | undefined>;
  addressOf(request: IncomingMessage): string;
  isAllowedOrigin(origin: string): boolean;
  bus: Bus;
  tick: Tick;
  limits: SocketLimits;
  log: Log;
}

export interface SocketServer {
  /** Takes over a connection that asks to become a WebSocket, or refuses it. */
  handleUpgrade(request: IncomingMessage, connection: Duplex, head: Buffer): void;
  readonly socketCount: number;
  /** Who is connected, once for each socket. */
  listViewers(): Viewer[];
  /** Answers what is under way, then closes every socket with 1001. */
  close(): Promise<void>;
}

const MAX_FRAGMENTS = 64;
const MAX_BUFFERED_CHUNKS = 1024;
/** How long a closing client may take to agree. */
const CLOSE_TIMEOUT_MS = 5_000;
const ANSWER_TIMEOUT_MS = 5_000;

/** The WebSocket half of the relay: who may connect, for how long, and how much at once. */
export function createSocketServer(options: SocketServerOptions): SocketServer {
  const { limits, bus, tick, log, authenticate } = options;
  const operations = createOperations(options);
  const registry = createSocketRegistry<WebSocket>(limits);
  const house: SocketHouse = { operations, registry, limits, authenticate: authenticateOpenSession, onSlow: closeSlow, formatError: options.formatError };
  const frames = new FrameJoiner();
  const unanswered = new Set<WebSocket>();
  let isClosing = false;

  // The types of `ws` do not know all of its options yet.
  const bounds = { maxPayload: limits.maxFrameBytes, maxFragments: MAX_FRAGMENTS, maxBufferedChunks: MAX_BUFFERED_CHUNKS, closeTimeout: CLOSE_TIMEOUT_MS };
  const sockets = new WebSocketServer({
    ...bounds,
    noServer: true,
    handleProtocols: (offered) => handleProtocols(offered),
    perMessageDeflate: false,
    clientTracking: false,
  });

  const stopListening = bus.subscribe((event) => {
    if (event.kind !== "sessionsEnded") return;
    for (const socket of event.sessionIds.flatMap((id) => registry.listBySession(id))) {
      socket.close(CLOSE_CODES.SESSION_ENDED, "This session has ended: log in again.");
    }
  });

  // A peer that went away without a word answers no ping; its socket is gone at the second one.
  const pinging = setInterval(() => {
    for (const socket of registry.list()) {
      if (unanswered.has(socket)) socket.terminate();
      else if (socket.readyState === socket.OPEN) {
        unanswered.add(socket);
        socket.ping();
      }
    }
  }, limits.pingMs).unref();

  function accept(socket: WebSocket, connection: Duplex, address: string): void {
    registry.open(socket, address);
    const writer = new SocketWriter({ socket, connection, tick, frames, limits, onSlow: () => closeSlow(socket) });
    const client = new ClientSocket({ socket, writer, address, house });
    const conversation = new Conversation(client, client);
    socket.on("message", (data: Buffer) => {
      conversation.hear(data.toString("utf8")).catch((error: unknown) => client.failStream(error));
    });
    socket.on("pong", () => unanswered.delete(socket));
    // What breaks the rules of WebSocket closes by itself, with the code for it.
    socket.on("error", () => undefined);
    socket.once("close", (code) => {
      registry.close(socket);
      unanswered.delete(socket);
      log.info("socket closed", { code, sockets: registry.size });
      conversation.end();
    });
    if (socket.protocol !== GRAPHQL_TRANSPORT_WS_PROTOCOL) socket.close(CloseCode.SubprotocolNotAcceptable, "Subprotocol not acceptable");
  }

  /** A session that ends while its token is being checked is not in the registry yet, and must not get there. */
  async function authenticateOpenSession(accessToken: string): Promise<Viewer | undefined> {
    const ended = new Set<string>();
    let hasGap = false;
    const stop = bus.subscribe((event) => {
      hasGap ||= event.kind === "gap";
      if (event.kind === "sessionsEnded") for (const id of event.sessionIds) ended.add(idKey(id));
    });
    try {
      let viewer: Viewer | undefined;
      do {
        hasGap = false;
        viewer = await authenticate(accessToken);
      } while (hasGap);
      return viewer && !ended.has(idKey(viewer.sessionId)) ? viewer : undefined;
    } finally {
      stop();
    }
  }

  function closeSlow(socket: WebSocket): void {
    if (socket.readyState !== socket.OPEN) return;
    log.warn("a client reads too slowly", { code: CLOSE_CODES.SLOW_CONSUMER });
    socket.close(CLOSE_CODES.SLOW_CONSUMER, "This client reads too slowly: connect again and resume by positions.");
  }

  return {
    handleUpgrade(request, connection, head) {
      // Whoever disconnects in the middle of this is simply gone.
      connection.on("error", () => connection.destroy());
      const address = options.addressOf(request);
      const status = refusalStatus(request, address);
      if (status !== undefined) return refuse(connection, status);
      sockets.handleUpgrade(request, connection, head, (socket) => accept(socket, connection, address));
    },
    listViewers: registry.listViewers,
    get socketCount() {
      return registry.size;
    },
    async close() {
      isClosing = true;
      await waitUntil(() => operations.underWay === 0, ANSWER_TIMEOUT_MS);
      for (const socket of registry.list()) socket.close(CLOSE_CODES.GOING_AWAY, "The relay stops: connect again.");
      await waitUntil(() => registry.size === 0, CLOSE_TIMEOUT_MS);
      for (const socket of registry.list()) socket.terminate();
      clearInterval(pinging);
      stopListening();
    },
  };

  function refusalStatus({ headers }: IncomingMessage, address: string): number | undefined {
    if (isClosing) return 503;
    if (headers.origin !== undefined && !options.isAllowedOrigin(headers.origin)) return 403;
    return registry.isFull(address) ? 429 : undefined;
  }
}

function refuse(connection: Duplex, status: number): void {
  connection.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
