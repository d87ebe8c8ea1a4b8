import { join } from "node:path";
import pg from "pg";
import { buildIfOlder } from "../scripts/build-if-older.ts";
import { parseBase64url } from "../src/protocol/index.ts";
import { createPrismaClient } from "../src/storage/prisma-client.ts";
import { createUnitOfWork } from "../src/storage/unit-of-work.ts";
import { createTemporaryFolder } from "../test/support/folders.ts";
import { atMost, type Bench } from "./harness/bench.ts";
import { median, round } from "./harness/statistics.ts";
import { type DatabaseAddress, databaseUrlOf, startDatabaseServer, withClient } from "./store/database-server.ts";
import { openFeedByHand } from "./peers/feed-by-hand.ts";
import { fillFeed } from "./store/fill-feed.ts";
import { readRelayKeys, seedPeople, type Seeded, signThoughts, withStore } from "./store/seed.ts";
import { type ServerProcess, startRelay } from "./store/server-process.ts";

const FRIENDS = 200;
const PAGE = 50;
const MAX_BYTES = 1_048_576;
const ROUNDS = 20;
const PER_ROUND = 8;
const SIZES = { "10 k": 10_000, "1 M": 1_000_000 };
const QUERY = `query { feed(first: ${PAGE}) { nodes { entry { author seq bytes receipt { bytes } } } pageInfo { hasNextPage endCursor } } }`;

/** Who asks: all friends write often, or nearly all have been silent for years. */
type Reader = "dense" | "sparse";
type Way = "storage" | "pg" | "HTTP";
/** Milliseconds per page, one value a round, by what they are the times of. */
type Times = Map<string, number[]>;

interface Filled {
  size: string;
  address: DatabaseAddress;
  relay: ServerProcess;
  readers: Record<Reader, Seeded>;
}

export const bench: Bench = {
  name: "feed-page",
  title: `${PAGE} newest thoughts of ${FRIENDS} friends`,

  async run({ log, keep }) {
    buildIfOlder(log);
    const server = await startDatabaseServer();
    const folder = await createTemporaryFolder();
    try {
      const stores: Filled[] = [];
      for (const [size, thoughts] of Object.entries(SIZES)) {
        const startedMs = performance.now();
        stores.push(await openFilled(size, await server.create(`feed_${thoughts}`), join(folder.path, String(thoughts)), thoughts));
        log(`${size} thoughts stored in ${((performance.now() - startedMs) / 1_000).toFixed(0)} s`);
      }
      const times = await measure(stores).finally(() => Promise.all(stores.map(({ relay }) => relay.stop())));
      for (const [name, samples] of times) keep(`${name} ms`, samples);
      return report(times);
    } finally {
      await server.stop();
      await folder.remove();
    }
  },
};

/** The relay's first start makes its keys; then the people and their thoughts are stored, and it starts again. */
async function openFilled(size: string, address: DatabaseAddress, dataFolder: string, thoughts: number): Promise<Filled> {
  const variables = { DATABASE_URL: databaseUrlOf(address), PEERBRAIN_DATA: dataFolder };
  await (await startRelay(variables)).stop();
  const keys = await readRelayKeys(dataFolder);
  const [dense, sparse] = await withStore(address, (store) => seedPeople(store, keys, 2));
  if (!dense || !sparse) throw new Error("nobody to read");
  const [bytes] = signThoughts(dense.person, 1).map(parseBase64url);
  if (!bytes) throw new Error("no thought");
  await withClient(address, (client) => fillFeed(client, { thoughts, dense: dense.person.userId, sparse: sparse.person.userId, friends: FRIENDS, bytes }));
  return { size, address, relay: await startRelay(variables), readers: { dense, sparse } };
}

/** One after the other and round by round, so that whatever else the machine does meets all of them. */
async function measure(stores: Filled[]): Promise<Times> {
  const times: Times = new Map();
  const contestants = await Promise.all(stores.map(async (filled) => ({ ...filled, ...(await openWays(filled)) })));
  try {
    // The first round warms up whatever there is to warm up.
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (const { size, readers, ways } of contestants) {
        for (const reader of ["dense", "sparse"] as const) {
          for (const [way, read] of Object.entries(ways)) {
            const ms = await timePages(() => read(readers[reader]));
            if (round > 0) samplesOf(times, size, way as Way, reader).push(ms);
          }
        }
      }
    }
    return times;
  } finally {
    for (const { close } of contestants) await close();
  }
}

async function openWays({ address, relay }: Filled) {
  const pool = new pg.Pool({ ...address, max: 1 });
  const byHand = openFeedByHand(pool);
  const prisma = createPrismaClient({ ...address, max: 1 });
  await prisma.$connect();
  const { chains } = createUnitOfWork(prisma).repositories;
  const ways: Record<Way, (reader: Seeded) => Promise<number>> = {
    storage: async ({ person }) => (await chains.listFeed(person.userId, { before: undefined, first: PAGE, maxBytes: MAX_BYTES })).rows.length,
    pg: async ({ person }) => (await byHand(person.userId, PAGE)).length,
    HTTP: ({ accessToken }) => askFeed(relay.url, accessToken),
  };
  const close = async (): Promise<void> => {
    await prisma.$disconnect();
    await pool.end();
  };
  return { ways, close };
}

async function timePages(read: () => Promise<number>): Promise<number> {
  const startMs = performance.now();
  for (let call = 0; call < PER_ROUND; call += 1) {
    const count = await read();
    if (count !== PAGE) throw new Error(`a page of ${count} thoughts`);
  }
  return (performance.now() - startMs) / PER_ROUND;
}

function samplesOf(times: Times, size: string, way: Way, reader: Reader): number[] {
  const key = `${size} ${reader} ${way}`;
  const samples = times.get(key) ?? [];
  times.set(key, samples);
  return samples;
}

async function askFeed(url: string, accessToken: string): Promise<number> {
  const headers = { "Content-Type": "application/json", Authorization: `Bearer ${accessToken}` };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ query: QUERY }) });
  const { data } = (await response.json()) as { data: { feed: { nodes: unknown[] } } };
  return data.feed.nodes.length;
}

function report(times: Times) {
  const ms = (size: keyof typeof SIZES, way: Way, reader: Reader): number => median(samplesOf(times, size, way, reader));
  const sizes = Object.keys(SIZES) as (keyof typeof SIZES)[];
  const rows = sizes.flatMap((thoughts) =>
    (["dense", "sparse"] as const).map((friends) => ({
      thoughts,
      friends,
      "storage ms": round(ms(thoughts, "storage", friends)),
      "pg ms": round(ms(thoughts, "pg", friends)),
      "HTTP ms": round(ms(thoughts, "HTTP", friends)),
    })),
  );
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
