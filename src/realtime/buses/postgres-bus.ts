import pg from "pg";
import type { Log } from "../../domain/log.ts";
import type { Random } from "../../domain/ports/index.ts";
import { type Carrier, createCarriedBus } from "./carried-bus.ts";
import type { RelayBus } from "./relay-bus.ts";

/** Names are per database, so that relays on one server do not hear each other. */
const CHANNEL = "peerbrain";
const TIMEOUT_MS = 5_000;
const SIGN_OF_LIFE_MS = 10_000;

export interface PostgresBusOptions {
  /** Directly to the server: a pooler that shares connections between clients does not pass on what they listen to. */
  connection: pg.ClientConfig;
  random: Random;
  log: Log;
}

/** The bus between processes that share a PostgreSQL database, over one connection of its own. Rejects when there is none to be had. */
export function createPostgresBus({ connection, random, log }: PostgresBusOptions): Promise<RelayBus> {
  return createCarriedBus({ connect: (receive) => connectPostgres(connection, receive), random, log });
}

async function connectPostgres(connection: pg.ClientConfig, receive: (message: string) => void): Promise<Carrier> {
  const client = new pg.Client({
    connectionTimeoutMillis: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS,
    keepAlive: true,
    ...connection,
    application_name: "peerbrain bus",
  });
  const ended = new Promise<void>((resolve) => void client.once("end", () => resolve()));
  // The end tells; an error without a listener would end the relay.
  client.on("error", () => undefined);
  const close = (): Promise<void> => client.end().catch(() => undefined);
  try {
    await client.connect();
    client.on("notification", ({ channel, payload }) => {
      if (channel === CHANNEL && payload !== undefined) receive(payload);
    });
    await client.query(`LISTEN ${CHANNEL}`);
  } catch (error) {
    await close();
    throw error;
  }

  // A peer that went away without a word says nothing more; only a question that stays unanswered shows it.
  const asking = setInterval(() => void client.query("SELECT").catch(close), SIGN_OF_LIFE_MS).unref();
  void ended.then(() => clearInterval(asking));

  return {
    async send(messages) {
      await client.query(`SELECT pg_notify('${CHANNEL}', message) FROM unnest($1::text[]) AS message`, [messages]);
    },
    ended,
    close,
  };
}
