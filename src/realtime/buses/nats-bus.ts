import { connect, type NatsConnection } from "@nats-io/transport-node";
import type { Log } from "../../domain/log.ts";
import type { Random } from "../../domain/ports/index.ts";
import { type Carrier, createCarriedBus } from "./carried-bus.ts";
import type { RelayBus } from "./relay-bus.ts";

const TIMEOUT_MS = 5_000;
const SIGN_OF_LIFE_MS = 10_000;

export interface NatsBusOptions {
  /** nats:// or tls://, several with commas between them; the first one's user and password are for all. */
  url: string;
  /** Of one relay: what relays that share a server do not share. Letters, digits, - and _. */
  relayName: string;
  random: Random;
  log: Log;
}

/** The bus between processes on many machines, over a NATS server. Rejects when none can be reached. */
export function createNatsBus({ url, relayName, random, log }: NatsBusOptions): Promise<RelayBus> {
  const subject = `peerbrain.${relayName}`;
  return createCarriedBus({ connect: (receive) => connectNats({ url, subject, receive, log }), random, log });
}

async function connectNats({ url, subject, receive, log }: { url: string; subject: string; receive: (message: string) => void; log: Log }): Promise<Carrier> {
  const nats = await connect(connectionOptions(url));
  let giveUp = (): void => undefined;
  const ended = nats.closed().then(() => giveUp());
  /** Resolves when the server has taken everything that was sent before. */
  const flush = (): Promise<void> =>
    new Promise((resolve, reject) => {
      // The library leaves this question open when its connection ends.
      giveUp = () => reject(new Error("the connection ended before the server had taken everything"));
      nats.flush().then(resolve, reject);
    });
  nats.subscribe(subject, { callback: (error, message) => (error ? void nats.close() : receive(message.string())) });
  void endOnComplaint(nats, log);
  await flush();

  return {
    async send(messages) {
      for (const message of messages) nats.publish(subject, message);
      await flush();
    },
    ended,
    close: () => nats.close(),
  };
}

function connectionOptions(url: string): NonNullable<Parameters<typeof connect>[0]> {
  const servers = url.split(",").map((part) => new URL(part.trim()));
  const [first] = servers;
  return {
    servers: servers.map(({ host }) => host),
    ...(first?.username && { user: decodeURIComponent(first.username), pass: decodeURIComponent(first.password) }),
    ...(first?.protocol === "tls:" && { tls: {} }),
    name: "peerbrain bus",
    // The bus itself comes back, the same way over whatever carries it.
    reconnect: false,
    noEcho: true,
    timeout: TIMEOUT_MS,
    pingInterval: SIGN_OF_LIFE_MS,
    maxPingOut: 2,
  };
}

/** What the server does not permit would be lost without a word. */
async function endOnComplaint(nats: NatsConnection, log: Log): Promise<void> {
  for await (const status of nats.status()) {
    if (status.type !== "error") continue;
    log.warn("the bus's server complains", { error: status.error });
    await nats.close();
  }
}
