import { createServer } from "node:http";
import { type WebSocket, WebSocketServer } from "ws";
import { CAUGHT_UP, type Delivery, listen, servePeer } from "./feed.ts";
import { listenOnLoopback } from "./listen-on-loopback.ts";

// A broadcast as the documentation of ws shows it, of a message that is made once: no GraphQL, only its envelope.
servePeer(async () => {
  const server = createServer();
  const sockets = new WebSocketServer({ server, handleProtocols: (protocols) => [...protocols][0] ?? false });
  const subscribed = new Set<WebSocket>();
  sockets.on("connection", (socket) => {
    socket.on("message", (data: Buffer) => {
      const message = JSON.parse(data.toString("utf8")) as { type: string };
      if (message.type === "connection_init") socket.send('{"type":"connection_ack"}');
      if (message.type !== "subscribe") return;
      subscribed.add(socket);
      socket.send(envelope(CAUGHT_UP));
    });
    socket.once("close", () => subscribed.delete(socket));
  });
  listen((delivery) => {
    const message = Buffer.from(envelope(delivery));
    for (const socket of subscribed) socket.send(message, { binary: false });
  });
  return { port: await listenOnLoopback(server), path: "/" };
});

function envelope(entryAppended: Delivery): string {
  return JSON.stringify({ id: "1", type: "next", payload: { data: { entryAppended } } });
}
