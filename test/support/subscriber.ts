import type { Json } from "./graphql.ts";
import { openRawSocket } from "./raw-socket.ts";

/** One socket that listens to several subscriptions. */
export interface Subscriber {
  /** What each subscription delivered so far, by its name: the value of its field. */
  delivered: Record<string, Json[]>;
  /** All that came, as it came. */
  heard: string[];
  /** Listens until this holds. Throws when the socket closes, or a subscription ends, before that. */
  until(holds: () => boolean): Promise<void>;
  close(): Promise<void>;
}

/** Begins subscriptions over a socket of one's own, by the names of their fields. */
export async function subscribe(
  relay: { wsUrl: string },
  accessToken: string,
  operations: Record<string, { query: string; variables?: Record<string, unknown> }>,
): Promise<Subscriber> {
  const socket = await openRawSocket(relay);
  const acknowledged = await socket.init(accessToken);
  if (acknowledged?.["type"] !== "connection_ack") throw new Error("the socket was refused");
  const delivered: Record<string, Json[]> = {};
  const heard: string[] = [];
  for (const [id, payload] of Object.entries(operations)) {
    delivered[id] = [];
    socket.send({ id, type: "subscribe", payload });
  }

  return {
    delivered,
    heard,
    async until(holds) {
      while (!holds()) {
        const message = await socket.next();
        heard.push(JSON.stringify(message));
        if (message?.["type"] !== "next" || message["payload"].errors) throw new Error(`no delivery: ${JSON.stringify(message)}`);
        delivered[message["id"]]?.push(Object.values(message["payload"].data)[0]);
      }
    },
    close: () => socket.close(),
  };
}
