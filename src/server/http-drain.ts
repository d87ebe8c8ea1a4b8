import type { Server, ServerResponse } from "node:http";
import { Server as NetServer, type Socket } from "node:net";
import { waitUntil } from "../realtime/graphql-ws/wait-until.ts";

/** How long clients are told to go elsewhere before the door closes: this long, or until nobody has asked for so long. */
const NOTICE_MS = 1_000;
const QUIET_MS = 200;
/** Of the time to retire in, how much idle clients have before they are sent away. */
const LEAVING_SHARE = 0.7;

export interface HttpDrain {
  /**
   * Ends the server without cutting off an answer: for a moment it goes on serving, and tells each client to leave with the
   * answer; then it takes nobody in, waits for what is under way, and after `timeoutMs` closes what is left.
   */
  drain(timeoutMs: number): Promise<void>;
  /**
   * The same while others listen on the port: takes nobody in from now on, and lets those who are connected leave of their
   * own accord, each with an answer.
   */
  retire(timeoutMs: number): Promise<void>;
}

/** Watches the connections of a server that is not listening yet. WebSockets are not among them: they have a life of their own. */
export function createHttpDrain(server: Server): HttpDrain {
  const connections = new Set<Socket>();
  const answers = new Set<ServerResponse>();
  let isDraining = false;
  let quiet: NodeJS.Timeout | undefined;

  server.on("connection", (connection) => {
    connections.add(connection);
    connection.once("close", () => connections.delete(connection));
  });
  server.on("upgrade", ({ socket }) => connections.delete(socket));
  // Before anything can have been answered.
  server.prependListener("request", (_request, answer: ServerResponse) => {
    quiet?.refresh();
    answers.add(answer);
    answer.once("close", () => answers.delete(answer));
    if (isDraining) tellToLeave(answer);
  });

  /** No request is under way on an idle connection, and none is announced. */
  const isEmpty = (): boolean => {
    server.closeIdleConnections();
    return connections.size === 0;
  };

  return {
    async drain(timeoutMs) {
      isDraining = true;
      answers.forEach(tellToLeave);
      let isQuiet = false;
      quiet = setTimeout(() => (isQuiet = true), QUIET_MS);
      await waitUntil(() => connections.size === 0 || isQuiet, NOTICE_MS);
      clearTimeout(quiet);
      server.close();
      await waitUntil(isEmpty, timeoutMs);
      server.closeAllConnections();
    },
    async retire(timeoutMs) {
      isDraining = true;
      answers.forEach(tellToLeave);
      // Without the connections that are idle at the moment: their clients may be about to ask.
      NetServer.prototype.close.call(server);
      await waitUntil(() => connections.size === 0, timeoutMs * LEAVING_SHARE);
      await waitUntil(isEmpty, timeoutMs * (1 - LEAVING_SHARE));
      server.closeAllConnections();
    },
  };
}

/** The connection ends with this answer. Otherwise its client could ask again in the very moment in which it is closed. */
function tellToLeave(answer: ServerResponse): void {
  if (!answer.headersSent) answer.setHeader("Connection", "close");
}
