import type { Server } from "node:http";
import { WebSocket, WebSocketServer } from "ws";
import type { Json } from "../../support/graphql.ts";
import { operationOf, type Lies } from "./lies.ts";
import type { Tape } from "./tape.ts";

const PROTOCOL = "graphql-transport-ws";

/** The sockets between clients and relay. */
export interface ProxiedSockets {
  /** Delivers what the relay never said, to all who listen to this subscription; waits until somebody does. */
  deliver(subscription: string, data: Json): Promise<void>;
  /** Cuts all connections. */
  cut(): void;
}

interface Connection {
  client: WebSocket;
  /** Names of subscriptions by their ids on this socket. */
  subscriptions: Map<string, string>;
}

export function proxySockets(server: Server, { relay, lies, tape }: { relay: { wsUrl: string }; lies: Lies; tape: Tape }): ProxiedSockets {
  const sockets = new WebSocketServer({ server, handleProtocols: () => PROTOCOL });
  const connections = new Set<Connection>();

  sockets.on("connection", (client) => {
    const connection: Connection = { client, subscriptions: new Map() };
    connections.add(connection);
    const upstream = new WebSocket(relay.wsUrl, PROTOCOL);
    const early: string[] = [];
    upstream.on("open", () => early.splice(0).forEach((text) => upstream.send(text)));
    client.on("message", (data: Buffer) => {
      const text = data.toString();
      tape.send(text);
      noteSubscription(connection, JSON.parse(text));
      if (upstream.readyState === WebSocket.OPEN) upstream.send(text);
      else early.push(text);
    });
    upstream.on("message", (data: Buffer) => {
      for (const text of retell(connection, data.toString())) say(client, text);
    });
    upstream.on("close", (code) => closeAs(client, code));
    client.on("close", () => {
      connections.delete(connection);
      upstream.terminate();
    });
    for (const socket of [client, upstream]) socket.on("error", () => socket.terminate());
  });

  function retell({ subscriptions }: Connection, text: string): string[] {
    const message = JSON.parse(text);
    const name = subscriptions.get(message.id);
    if (message.type !== "next" || name === undefined || !message.payload.data) return [text];
    return lies.deliver(name, message.payload.data).map((data) => next(message.id, data));
  }

  function say(client: WebSocket, text: string): void {
    tape.receive(text);
    client.send(text);
  }

  function listeners(subscription: string): { client: WebSocket; id: string }[] {
    return [...connections].flatMap(({ client, subscriptions }) =>
      [...subscriptions].filter(([, name]) => name === subscription).map(([id]) => ({ client, id })),
    );
  }

  return {
    async deliver(subscription, data) {
      while (listeners(subscription).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      for (const { client, id } of listeners(subscription)) say(client, next(id, data));
    },
    cut() {
      for (const { client } of connections) client.terminate();
    },
  };
}

function noteSubscription({ subscriptions }: Connection, { id, type, payload }: Json): void {
  if (type === "subscribe") subscriptions.set(id, operationOf(payload.query));
  if (type === "complete") subscriptions.delete(id);
}

function next(id: string, data: Json): string {
  return JSON.stringify({ id, type: "next", payload: { data } });
}

// Codes below 3000 are the protocol's own; of those only 1000 may be sent.
function closeAs(client: WebSocket, code: number): void {
  if (code === 1000 || code >= 3000) client.close(code);
  else client.terminate();
}
