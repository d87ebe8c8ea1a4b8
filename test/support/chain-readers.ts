import { createClient } from "graphql-ws";
import type { Account } from "../../src/client/index.ts";
import { encodeBase64url } from "../../src/protocol/index.ts";
import { createCuttableSockets, type CuttableSockets } from "./cuttable-sockets.ts";
import type { Json } from "./graphql.ts";

/** Somebody who reads several authors and keeps what came of each. */
export interface ChainReader {
  name: string;
  /** The places of each author's entries, in the order in which the program saw them. */
  seen: Map<string, number[]>;
  /** What should not have come: errors, and anything but the entries that were asked for. */
  faults: string[];
  /** How many connections it made. */
  readonly connections: number;
  /** Breaks the reader's connections, and says how many there were. */
  cut(): number;
  close(): Promise<void>;
}

const STREAMS = {
  entryAppended: "subscription ($after: [PositionInput!]!) { entryAppended(after: $after) { ... on EntryAppended { entry { author seq } } } }",
  thoughtCreated: "subscription ($after: [PositionInput!]!) { thoughtCreated(after: $after) { seq author { id } } }",
};

export interface ResumingReaderOptions {
  relay: { wsUrl: string };
  accessToken: string;
  stream: keyof typeof STREAMS;
  /** What the reader holds at first, by author. */
  after: ReadonlyMap<string, number>;
}

/** A stock client, and a program that keeps the position of each author and begins again from there whenever a connection ends. */
export function createResumingReader({ relay, accessToken, stream, after }: ResumingReaderOptions): ChainReader {
  const sockets = createCuttableSockets();
  const client = createClient({ url: relay.wsUrl, webSocketImpl: sockets.webSocket, retryAttempts: 0, connectionParams: { accessToken } });
  const positions = new Map(after);
  const seen = new Map([...after.keys()].map((author) => [author, [] as number[]]));
  const faults: string[] = [];
  let isClosed = false;

  function take({ data, errors }: { data?: Json; errors?: unknown }): void {
    if (errors) return void faults.push(JSON.stringify(errors));
    const { seq, author } = (stream === "thoughtCreated" ? data.thoughtCreated : data.entryAppended.entry) ?? {};
    if (author === undefined) return;
    const key: string = author.id ?? author;
    positions.set(key, seq);
    seen.get(key)?.push(seq);
  }

  async function readOnce(): Promise<void> {
    const variables = { after: [...positions].map(([author, seq]) => ({ author, seq })) };
    const reason = await new Promise<unknown>((resolve) => {
      client.subscribe<Json>({ query: STREAMS[stream], variables }, { next: take, error: resolve, complete: () => resolve("complete") });
    });
    if (!isClosed && !isBrokenConnection(reason)) faults.push(JSON.stringify(reason) ?? String(reason));
  }

  const reading = (async () => {
    while (!isClosed) {
      await readOnce();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();

  return {
    name: `a client that resumes ${stream}`,
    seen,
    faults,
    get connections() {
      return sockets.count;
    },
    cut: () => sockets.cut(),
    async close() {
      isClosed = true;
      await client.dispose();
      await reading;
    },
  };
}

/** The network's end, the relay's, or the relay's word that the client was too slow or should come again: all of them are resumed from. */
function isBrokenConnection(reason: unknown): boolean {
  const { code, target } = (reason ?? {}) as { code?: number; target?: unknown };
  return target !== undefined || [1001, 1005, 1006, 1013, 4290].includes(code ?? 0);
}

/** The SDK's reader of the feed. The account uses `sockets`, and is closed by whoever opened it. */
export function createFeedReader(name: string, account: Account, sockets: CuttableSockets): ChainReader {
  const seen = new Map<string, number[]>();
  const faults: string[] = [];
  const reading = (async () => {
    for await (const item of account.feed()) {
      if (item.kind !== "thought") {
        faults.push(item.kind);
        continue;
      }
      const key = encodeBase64url(item.thought.author);
      seen.set(key, [...(seen.get(key) ?? []), item.thought.seq]);
    }
  })();
  const stop = account.onNotice((notice) => {
    if (notice.kind === "problem") faults.push(notice.text);
  });
  return {
    name,
    seen,
    faults,
    get connections() {
      return sockets.count;
    },
    cut: () => sockets.cut(),
    async close() {
      stop();
      await account.close();
      await reading;
    },
  };
}
