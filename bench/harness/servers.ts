import type { Target } from "../load/connection.ts";
import type { PeerHandlers } from "../peers/feed.ts";
import { builtPeer } from "./build-peers.ts";
import { startChild } from "./child.ts";
import { startCrowd } from "./crowd.ts";
import { type Step, Writer } from "./writer.ts";

export type Audience = "everybody" | "nobody";

/** A server under test: something that delivers what is published to whoever subscribed. */
export interface FanoutServer {
  name: string;
  kind: "relay" | "raw" | "graphql";
  pid: number;
  host: string;
  port: number;
  path: string;
  /** One token per socket; null where nobody signs in. */
  tokens(sockets: number): (string | null)[];
  /** Makes ready that many rounds before the clock runs, each of that many entries. */
  prepare(rounds: Record<Audience, number>, entries: number): void;
  /** The next round: that many entries in one tick, for all subscribers or for none. Resolves when the server has answered. */
  publish(audience: Audience): Promise<void>;
  stop(): Promise<void>;
}

/** The SDK's own subscription, sent to every server alike. */
const SUBSCRIPTION = `subscription EntryAppended($after: [PositionInput!]!) {
  entryAppended(after: $after) {
    __typename
    ... on EntryAppended { entry { author seq bytes withdrawn receipt { bytes } } }
    ... on CaughtUp { authors }
  }
}`;

/** Where subscribers go, and what they ask for. */
export function targetOf({ host, port, path }: Pick<FanoutServer, "host" | "port" | "path">): Target {
  return { host, port, path, query: SUBSCRIPTION, variables: { after: [] } };
}

/** A BEACON with one observation, as several of them travel in one mutation. */
const BEACON_BYTES = 336;
/** A short thought, as people write them one at a time; padding makes all short ones alike. */
const THOUGHT = "A thought that many wait for.";
const THOUGHT_BYTES = 563;
const LOOPBACK = "127.0.0.1";
export const RELAY_PATH = "/graphql";

/** The cheap one first, which is what the others are compared with. */
export const PEERS = [
  { name: "raw ws", kind: "raw", file: "raw-ws" },
  { name: "graphql-ws", kind: "graphql", file: "graphql-ws" },
  { name: "graphql-yoga", kind: "graphql", file: "graphql-yoga" },
  { name: "mercurius", kind: "graphql", file: "mercurius" },
] as const;

export async function startPeer({ name, kind, file }: (typeof PEERS)[number]): Promise<FanoutServer> {
  const child = await startChild<PeerHandlers>(builtPeer(file));
  const { port, path } = await child.ask("start", undefined);
  let entriesPerRound = 1;
  return {
    name,
    kind,
    pid: child.pid,
    host: LOOPBACK,
    port,
    path,
    tokens: (sockets) => new Array<null>(sockets).fill(null),
    prepare: (_rounds, entries) => void (entriesPerRound = entries),
    publish: (audience) => child.ask("publish", { entries: entriesPerRound, entryBytes: entriesPerRound === 1 ? THOUGHT_BYTES : BEACON_BYTES, isHeard: audience === "everybody" }),
    stop: child.stop,
  };
}

/** The relay with one author, whose friends hold the sockets, and another one who has no friends. */
export async function startRelayServer(friends: number, tools: { log(line: string): void }, options: string[] = []): Promise<FanoutServer> {
  const { relay, author, lonely, tokens, stop } = await startCrowd(friends, tools, options);
  const writers = { everybody: new Writer(author), nobody: new Writer(lonely) };
  let steps: Record<Audience, Step[]> = { everybody: [], nobody: [] };
  return {
    name: "relay",
    kind: "relay",
    pid: relay.pid,
    host: relay.host,
    port: relay.port,
    path: RELAY_PATH,
    tokens,
    prepare(rounds, entries) {
      const sign = (audience: Audience): Step[] => Array.from({ length: rounds[audience] }, () => (entries === 1 ? writers[audience].thought(THOUGHT) : writers[audience].beacons(entries)));
      steps = { everybody: sign("everybody"), nobody: sign("nobody") };
    },
    publish(audience) {
      const step = steps[audience].shift();
      if (!step) throw new Error("more rounds than were prepared");
      return writers[audience].send(relay, step);
    },
    stop,
  };
}
