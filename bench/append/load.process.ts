import { connect, type Socket } from "node:net";

// Sends what was signed before, over a fixed number of connections with one request under way on each. It reads of an answer
// its status, its length and whether it holds the word that says that a thought was stored: more would cost what it measures.

interface Author {
  accessToken: string;
  entries: string[];
}
export interface LoadOrder {
  url: string;
  authors: Author[];
  connections: number;
  query: string;
}
export interface LoadReport {
  requests: number;
  elapsedMs: number;
}

const STORED = "ThoughtCreated";

process.on("message", (order: LoadOrder) => {
  run(order).then(
    (report) => process.send?.(report),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});

async function run({ url, authors, connections, query }: LoadOrder): Promise<LoadReport> {
  const { hostname, port, pathname } = new URL(url);
  const queues = Array.from({ length: connections }, (_, index) => interleave(authors.filter((_author, at) => at % connections === index), (author, entry) => request(hostname, pathname, query, author, entry)));
  const sockets = await Promise.all(queues.map(() => open(hostname, Number(port))));
  const startedMs = performance.now();
  await Promise.all(queues.map((queue, index) => send(sockets[index] as Socket, queue)));
  const elapsedMs = performance.now() - startedMs;
  sockets.forEach((socket) => socket.destroy());
  return { requests: queues.flat().length, elapsedMs };
}

/** The first entries of all authors, then the second ones: no author's head is asked for twice in a row. */
function interleave(authors: Author[], build: (author: Author, entry: string) => Buffer): Buffer[] {
  const longest = Math.max(0, ...authors.map(({ entries }) => entries.length));
  return Array.from({ length: longest }, (_, index) => authors.flatMap((author) => (author.entries[index] === undefined ? [] : [build(author, author.entries[index])]))).flat();
}

function request(host: string, path: string, query: string, { accessToken }: Author, entry: string): Buffer {
  const body = JSON.stringify({ query, operationName: "CreateThought", variables: { input: { entry } } });
  const lines = [`POST ${path} HTTP/1.1`, `Host: ${host}`, `Authorization: Bearer ${accessToken}`, "Content-Type: application/json", "Accept: application/json", `Content-Length: ${Buffer.byteLength(body)}`];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body}`);
}

async function open(host: string, port: number): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true });
  await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  return socket;
}

function send(socket: Socket, requests: Buffer[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let next = 0;
    let received = "";
    const write = (): void => {
      const bytes = requests[next];
      if (bytes === undefined) return resolve();
      next += 1;
      socket.write(bytes);
    };
    socket.on("data", (chunk: Buffer) => {
      received += chunk.toString("latin1");
      const bodyAt = received.indexOf("\r\n\r\n") + 4;
      if (bodyAt < 4) return;
      const length = Number(/content-length: (\d+)/i.exec(received)?.[1]);
      if (received.length < bodyAt + length) return;
      if (!received.startsWith("HTTP/1.1 200") || !received.includes(STORED)) return reject(new Error(received.slice(0, 1_000)));
      received = "";
      write();
    });
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("the server closed the connection")));
    write();
  });
}
