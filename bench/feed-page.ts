import { join } from "node:path";
import pg from "pg";
import type { UnitOfWork } from "../src/domain/ports.ts";
import { parseBase64url } from "../src/protocol/index.ts";
import { createTemporaryFolder } from "../test/support/folders.ts";
import { atMost, type Bench } from "./harness/bench.ts";
import { median, round } from "./harness/statistics.ts";
import { type DatabaseAddress, databaseUrlOf, startDatabaseServer, withClient } from "./store/database-server.ts";
import { openFeedByHand } from "./peers/feed-by-hand.ts";
import { fillFeed } from "./store/fill-feed.ts";
import { readRelayKeys, seedPeople, type Seeded, signThoughts, withStore } from "./store/seed.ts";
import { startRelay } from "./store/server-process.ts";

const FRIENDS = 200;
const PAGE = 50;
const MAX_BYTES = 1_048_576;
const ROUNDS = 15;
const PER_ROUND = 8;
const SIZES = { "10 k": 10_000, "1 M": 1_000_000 };
const QUERY = `query { feed(first: ${PAGE}) { nodes { entry { author seq bytes receipt { bytes } } } pageInfo { hasNextPage endCursor } } }`;

/** Who asks: all friends write often, or nearly all have been silent for years. */
type Reader = "dense" | "sparse";
/** Milliseconds per page, one value a round. */
type Times = Record<"storage" | "pg" | "HTTP", Record<Reader, number[]>>;

export const bench: Bench = {
  name: "feed-page",
  title: `${PAGE} newest thoughts of ${FRIENDS} friends`,

  async run({ log, keep }) {
    const server = await startDatabaseServer();
    const folder = await createTemporaryFolder();
    try {
      const times: Record<string, Times> = {};
      for (const [size, thoughts] of Object.entries(SIZES)) {
        const startedMs = performance.now();
        const address = await server.create(`feed_${thoughts}`);
        const { relay, readers } = await openFilled(address, join(folder.path, String(thoughts)), thoughts);
        log(`${size} thoughts stored in ${((performance.now() - startedMs) / 1_000).toFixed(0)} s`);
        times[size] = await withStore(address, (store) => measure(store, address, relay.url, readers)).finally(() => relay.stop());
        for (const [way, ofReaders] of Object.entries(times[size])) {
          for (const [reader, samples] of Object.entries(ofReaders)) keep(`${size} ${reader} ${way} ms`, samples);
        }
      }
      return report(times);
    } finally {
      await server.stop();
      await folder.remove();
    }
  },
};

/** The relay's first start makes its keys; then the people and their thoughts are stored, and it starts again. */
async function openFilled(address: DatabaseAddress, dataFolder: string, thoughts: number) {
  const variables = { DATABASE_URL: databaseUrlOf(address), PEERBRAIN_DATA: dataFolder };
  await (await startRelay(variables)).stop();
  const keys = await readRelayKeys(dataFolder);
  const [dense, sparse] = await withStore(address, (store) => seedPeople(store, keys, 2));
  if (!dense || !sparse) throw new Error("nobody to read");
  const [bytes] = signThoughts(dense.person, 1).map(parseBase64url);
  if (!bytes) throw new Error("no thought");
  await withClient(address, (client) => fillFeed(client, { thoughts, dense: dense.person.userId, sparse: sparse.person.userId, friends: FRIENDS, bytes }));
  return { relay: await startRelay(variables), readers: { dense, sparse } };
}

async function measure(store: UnitOfWork, address: DatabaseAddress, url: string, readers: Record<Reader, Seeded>): Promise<Times> {
  const pool = new pg.Pool({ ...address, max: 8 });
  const byHand = openFeedByHand(pool);
  const { chains } = store.repositories;
  const ways: Record<keyof Times, (reader: Seeded) => Promise<number>> = {
    storage: async ({ person }) => (await chains.listFeed(person.userId, { before: undefined, first: PAGE, maxBytes: MAX_BYTES })).rows.length,
    pg: async ({ person }) => (await byHand(person.userId, PAGE)).length,
    HTTP: ({ accessToken }) => askFeed(url, accessToken),
  };
  const times: Times = { storage: { dense: [], sparse: [] }, pg: { dense: [], sparse: [] }, HTTP: { dense: [], sparse: [] } };
  try {
    await takeRounds();
    return times;
  } finally {
    await pool.end();
  }

  async function takeRounds(): Promise<void> {
    // The first round warms up whatever there is to warm up.
    for (let index = 0; index <= ROUNDS; index += 1) {
      for (const reader of ["dense", "sparse"] as const) {
        for (const [way, read] of Object.entries(ways) as [keyof Times, (typeof ways)[keyof Times]][]) {
          const startMs = performance.now();
          for (let call = 0; call < PER_ROUND; call += 1) {
            const count = await read(readers[reader]);
            if (count !== PAGE) throw new Error(`${way} gave ${count} thoughts`);
          }
          if (index > 0) times[way][reader].push((performance.now() - startMs) / PER_ROUND);
        }
      }
    }
  }
}

async function askFeed(url: string, accessToken: string): Promise<number> {
  const headers = { "Content-Type": "application/json", Authorization: `Bearer ${accessToken}` };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ query: QUERY }) });
  const { data } = (await response.json()) as { data: { feed: { nodes: unknown[] } } };
  return data.feed.nodes.length;
}

function report(times: Record<string, Times>) {
  const rows = Object.entries(times).flatMap(([size, ways]) =>
    (["dense", "sparse"] as const).map((reader) => ({
      thoughts: size,
      friends: reader,
      "storage ms": round(median(ways.storage[reader])),
      "pg ms": round(median(ways.pg[reader])),
      "HTTP ms": round(median(ways.HTTP[reader])),
    })),
  );
  const ms = (size: keyof typeof SIZES, way: keyof Times, reader: Reader): number => median(times[size]?.[way][reader] ?? []);
  return {
    bench: "feed-page",
    rows,
    ratios: [
      atMost("storage / pg, dense", ms("1 M", "storage", "dense") / ms("1 M", "pg", "dense"), 1.3),
      atMost("storage / pg, sparse", ms("1 M", "storage", "sparse") / ms("1 M", "pg", "sparse"), 1.3),
      atMost("1 M / 10 k, dense", ms("1 M", "storage", "dense") / ms("10 k", "storage", "dense"), 1.3),
      atMost("1 M / 10 k, sparse", ms("1 M", "storage", "sparse") / ms("10 k", "storage", "sparse"), 1.3),
      atMost("sparse / dense, 1 M", ms("1 M", "storage", "sparse") / ms("1 M", "storage", "dense"), 2),
    ],
  };
}
