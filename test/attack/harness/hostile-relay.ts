import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { RunningRelay } from "../../support/relay.ts";
import { Lies, operationOf, type Asked } from "./lies.ts";
import { proxySockets, type ProxiedSockets } from "./proxied-sockets.ts";
import { Tape } from "./tape.ts";

/** A proxy in front of an honest relay: it passes on what clients and relay say to each other, and lies where it was told to. */
export interface HostileRelay {
  /** Where clients believe the relay to be. */
  origin: string;
  lies: Lies;
  tape: Tape;
  sockets: ProxiedSockets;
  /** The operations that clients asked for since this was last called. */
  takeAsked(): Asked[];
  close(): Promise<void>;
}

export async function startHostileRelay(relay: Pick<RunningRelay, "url" | "wsUrl">): Promise<HostileRelay> {
  const lies = new Lies();
  const tape = new Tape();
  const asked: Asked[] = [];

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    tape.send(`${request.method} ${request.url}\n${request.rawHeaders.join("\n")}\n${body}`);
    const { query, variables } = JSON.parse(body);
    const question: Asked = { operation: operationOf(query), variables };
    asked.push(question);
    const said = await lies.answer(() => ask(request, body), question);
    if (said === undefined) return void request.socket.destroy();
    const text = JSON.stringify(said);
    tape.receive(text);
    response.writeHead(200, { "content-type": "application/graphql-response+json" }).end(text);
  }

  async function ask({ headers }: IncomingMessage, body: string): Promise<unknown> {
    const { authorization } = headers;
    const response = await fetch(relay.url, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/graphql-response+json", ...(authorization && { authorization }) },
      body,
    });
    return response.json();
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => request.socket.destroy());
  });
  const sockets = proxySockets(server, { relay, lies, tape });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lies,
    tape,
    sockets,
    takeAsked: () => asked.splice(0),
    async close() {
      sockets.cut();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
