import type { Server } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** How long clients are told to go elsewhere before the door closes: this long, or until nobody has asked for so long. */
const NOTICE_MS = 1_000;
const QUIET_MS = 200;
const POLL_MS = 10;

export interface HttpDrain {
  /**
   * Ends the server without cutting off an answer: for a moment it goes on serving, and tells each client to leave with the
   * answer; then it takes nobody in, waits for what is under way, and after `timeoutMs` closes what is left.
   */
  drain(timeoutMs: number): Promise<void>;
}

/** Watches the connections of a server that is not listening yet. WebSockets are not among them: they have a life of their own. */
export function createHttpDrain(server: Server): HttpDrain {
  const connections = new Set<Socket>();
  let quietMs = 0;
  server.on("request", () => (quietMs = 0));
  server.on("connection", (connection) => {
    connections.add(connection);
    connection.once("close", () => connections.delete(connection));
  });
  server.on("upgrade", ({ socket }) => connections.delete(socket));

  return {
    async drain(timeoutMs) {
      quietMs = 0;
      for (let waitedMs = 0; connections.size > 0 && quietMs < QUIET_MS && waitedMs < NOTICE_MS; waitedMs += POLL_MS) {
        await sleep(POLL_MS);
        quietMs += POLL_MS;
      }
      // Who is idle by now would have been told with the next answer; nothing is under way there.
      server.close();
      for (let waitedMs = 0; connections.size > 0 && waitedMs < timeoutMs; waitedMs += POLL_MS) await sleep(POLL_MS);
      server.closeAllConnections();
    },
  };
}
