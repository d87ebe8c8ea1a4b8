import { once } from "node:events";
import { type ClientOptions, WebSocket } from "ws";
import type { Json } from "./graphql.ts";

export type Message = Record<string, Json>;

export interface RawSocket {
  socket: WebSocket;
  /** What arrived and was not taken yet. */
  messages: Message[];
  send(message: unknown): void;
  /** The next message, or undefined once the socket is closed. */
  next(): Promise<Message | undefined>;
  /** Resolves when the socket is closed. */
  closed: Promise<{ code: number; reason: string }>;
  /** connection_init and its answer. */
  init(accessToken?: unknown): Promise<Message | undefined>;
  /** One operation to its first answer. */
  ask(query: string, variables?: Record<string, unknown>, id?: string): Promise<Message | undefined>;
  close(): Promise<void>;
}

export interface RawSocketOptions extends ClientOptions {
  protocol?: string | undefined;
}

/** A WebSocket without a GraphQL client on top. Throws what refused the upgrade, as `status`. */
export async function openRawSocket({ wsUrl }: { wsUrl: string }, { protocol = "graphql-transport-ws", ...options }: RawSocketOptions = {}): Promise<RawSocket> {
  const socket = new WebSocket(wsUrl, protocol === "" ? [] : protocol, options);
  const messages: Message[] = [];
  let wake = (): void => undefined;
  socket.on("message", (data: Buffer) => {
    messages.push(JSON.parse(data.toString("utf8")));
    wake();
  });
  const closed = once(socket, "close").then(([code, reason]) => ({ code: Number(code), reason: String(reason) }));
  void closed.then(() => wake()).catch(() => undefined);
  await opened(socket);

  const raw: RawSocket = {
    socket,
    messages,
    closed,
    send: (message) => socket.send(typeof message === "string" ? message : JSON.stringify(message)),
    async next() {
      while (messages.length === 0 && socket.readyState !== WebSocket.CLOSED) await new Promise<void>((resolve) => (wake = resolve));
      return messages.shift();
    },
    init(accessToken) {
      raw.send({ type: "connection_init", payload: { accessToken } });
      return raw.next();
    },
    ask(query, variables, id = "1") {
      raw.send({ id, type: "subscribe", payload: { query, variables } });
      return raw.next();
    },
    async close() {
      socket.close();
      await closed;
    },
  };
  return raw;
}

function opened(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
    socket.once("unexpected-response", (_request, response) => {
      reject(Object.assign(new Error("the upgrade was refused"), { status: response.statusCode }));
      socket.terminate();
    });
  });
}
