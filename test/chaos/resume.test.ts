import { randomInt } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Account, type ConnectOptions } from "../../src/client/index.ts";
import { opaqueReady, ready } from "../../src/crypto/index.ts";
import { passwordOf } from "../scenario/support.ts";
import { type ChainReader, createFeedReader, createResumingReader } from "../support/chain-readers.ts";
import { createCuttableSockets } from "../support/cuttable-sockets.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../support/folders.ts";
import { ask } from "../support/graphql.ts";
import { proveMember, succeed } from "../support/member.ts";
import { seededRandom } from "../support/random.ts";
import { type RelayProcess, startRelayProcess } from "../support/relay-process.ts";

// The long form: CHAOS_CUTS=1000 npm run test:chaos -- resume (and CHAOS_SEED=… to cut the same readers again).
const CUTS = Number(process.env["CHAOS_CUTS"] ?? 60);
const SEED = Number(process.env["CHAOS_SEED"] ?? randomInt(2 ** 31));
const RESTARTS = Math.max(2, Math.round(CUTS / 100));
const AUTHORS = 3;
const ENTRIES_PER_SECOND = 50;
const MEAN_MS_BETWEEN_CUTS = 60;
/** A client of the SDK waits longer each time that its connection breaks early, so it is cut less often. */
const FEED_CUT_SHARE = 0.15;
const CUT_ALL_SHARE = 0.02;
const TIMEOUT_MS = 120_000 + CUTS * 500;

const generous = {
  PEERBRAIN_ACCESS_TOKEN_SECONDS: "86400",
  PEERBRAIN_APPENDS_PER_USER_MINUTE: "1000000",
  PEERBRAIN_FRIEND_REQUESTS_PER_USER_DAY: "1000",
  PEERBRAIN_LOGIN_STARTS_PER_ADDRESS_MINUTE: "1000",
  PEERBRAIN_LOG_LEVEL: "warn",
  PEERBRAIN_MAX_SOCKETS_PER_ADDRESS: "1000",
  PEERBRAIN_MAX_SOCKETS_PER_USER: "100",
  PEERBRAIN_READS_PER_MINUTE: "1000000",
  PEERBRAIN_REGISTRATIONS_PER_ADDRESS_HOUR: "1000",
};

let folder: TemporaryFolder;
let relay: RelayProcess;
const accounts: Account[] = [];
const readers: ChainReader[] = [];
beforeAll(async () => {
  await Promise.all([ready(), opaqueReady()]);
  folder = await createTemporaryFolder();
  relay = await startRelayProcess(join(folder.path, "data"), generous);
});
afterAll(async () => {
  await Promise.all(readers.map((reader) => reader.close()));
  await Promise.all(accounts.map((account) => account.close()));
  relay.signal("SIGTERM");
  await relay.exited;
  await folder.remove();
});

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

async function register(username: string, options: Partial<ConnectOptions> = {}): Promise<Account> {
  const { account } = await Account.register({ relay: relay.origin, unsafeKeyStretching: true, ...options, username, password: passwordOf(username) });
  accounts.push(account);
  return account;
}

/** Kills the relay or asks it to stop, and starts it again at the same address. */
async function restart(signal: NodeJS.Signals): Promise<void> {
  const { port } = new URL(relay.origin);
  relay.signal(signal);
  await relay.exited;
  relay = await startRelayProcess(join(folder.path, "data"), { ...generous, PEERBRAIN_PORT: port });
}

/** The place of each author's newest entry, as the relay has it. */
async function readHeads(token: string): Promise<Map<string, number>> {
  const { data } = await ask(relay, { query: "{ viewer { friends(first: 50) { nodes { peer { id } } } } }", token });
  const heads = new Map<string, number>();
  for (const { peer } of data.viewer.friends.nodes) {
    const { data: read } = await ask(relay, { query: "query ($author: UserId!) { chain(author: $author) { head { seq } } }", variables: { author: peer.id }, token });
    heads.set(peer.id, read.chain.head.seq);
  }
  return heads;
}

/** Writes at the pace of one author until it is over; what a relay that is gone did not answer, the SDK settles. */
async function keepWriting(author: Account, isOver: () => boolean): Promise<void> {
  for (let number = 1; !isOver(); number += 1) {
    const pause = wait((1000 * AUTHORS) / ENTRIES_PER_SECOND);
    await author.thoughts.write(`thought ${number}`);
    await pause;
  }
}

async function joinFeed(name: string, open: (options: Partial<ConnectOptions>) => Promise<Account>): Promise<Account> {
  const sockets = createCuttableSockets();
  const account = await open({ webSocket: sockets.webSocket });
  readers.push(createFeedReader(name, account, sockets));
  return account;
}

/** Resolves when the reader's client has opened every author's chain. */
async function befriendAll(reader: Account, authors: Account[]): Promise<void> {
  const opened = new Set<string>();
  const stop = reader.onNotice((notice) => {
    if (notice.kind === "befriended") opened.add(notice.username);
  });
  await Promise.all(
    authors.map(async (author) => {
      await reader.friends.request(author.username);
      await author.friends.accept(reader.username);
    }),
  );
  await expect.poll(() => opened.size, { message: `${reader.username} has all friends`, timeout: 60_000 }).toBe(authors.length);
  stop();
}

const logIn = (username: string) => async (options: Partial<ConnectOptions>): Promise<Account> => {
  const account = await Account.login({ relay: relay.origin, unsafeKeyStretching: true, ...options, username, password: passwordOf(username) });
  accounts.push(account);
  return account;
};

test(`after ${CUTS} cuts and ${RESTARTS} restarts with ${ENTRIES_PER_SECOND} entries a second, every reader saw every entry once and in order (seed ${SEED})`, { timeout: TIMEOUT_MS }, async () => {
  const random = seededRandom(SEED);
  const authors: Account[] = [];
  for (let count = 0; count < AUTHORS; count += 1) authors.push(await register(`author_${count}`));
  await befriendAll(await joinFeed("the feed of Bob", (options) => register("bob", options)), authors);

  const proof = await proveMember(relay, { username: "bob", password: passwordOf("bob") });
  const { accessToken } = (await succeed(relay, "finishLogin", { ...proof, deviceName: "stock client" })).session;
  const first = await readHeads(accessToken);
  expect(first.size).toBe(AUTHORS);
  const resume = (stream: "entryAppended" | "thoughtCreated"): void => void readers.push(createResumingReader({ relay, accessToken, stream, after: first }));
  for (const stream of ["entryAppended", "thoughtCreated", "entryAppended", "thoughtCreated"] as const) resume(stream);
  const fromFirst = new Set(readers);

  let isOver = false;
  const writing = Promise.all(authors.map((author) => keepWriting(author, () => isOver)));
  const failed = writing.then(() => undefined);

  /** Who comes while authors write: at first a second device and a new friend, and a stock client each time. */
  async function join(round: number): Promise<void> {
    resume(round % 2 === 0 ? "entryAppended" : "thoughtCreated");
    fromFirst.add(readers.at(-1) as ChainReader);
    if (round > 0) return;
    await joinFeed("the feed of Bob's second device", logIn("bob"));
    await befriendAll(await joinFeed("the feed of Dora, a new friend", (options) => register("dora", options)), authors);
  }

  function cutSome(): number {
    if (random() < CUT_ALL_SHARE) return readers.reduce((count, reader) => count + reader.cut(), 0);
    const isFeed = random() < FEED_CUT_SHARE;
    const candidates = readers.filter(({ name }) => name.startsWith("the feed") === isFeed);
    return candidates[Math.floor(random() * candidates.length)]?.cut() ?? 0;
  }

  let joining = join(0);
  for (let cuts = 0, restarts = 0; cuts < CUTS; ) {
    await Promise.race([wait(random() * 2 * MEAN_MS_BETWEEN_CUTS), failed]);
    cuts += cutSome();
    if (restarts >= RESTARTS || cuts < ((restarts + 1) * CUTS) / (RESTARTS + 1)) continue;
    await joining;
    await restart(restarts % 2 === 0 ? "SIGKILL" : "SIGTERM");
    restarts += 1;
    joining = join(restarts);
  }
  await joining;
  isOver = true;
  await writing;

  // One more of each author: what came twice has come before it.
  for (const author of authors) await author.thoughts.write("the end");
  const last = await readHeads(accessToken);
  for (const { name, seen } of readers) {
    await expect.poll(() => [...last].filter(([author, seq]) => !seen.get(author)?.includes(seq)), { message: `${name} gets to the end`, timeout: 60_000 }).toEqual([]);
  }

  const written = [...last].reduce((count, [author, seq]) => count + seq - (first.get(author) ?? 0), 0);
  expect(written).toBeGreaterThan(CUTS);
  for (const reader of readers) {
    expect(reader.faults, reader.name).toEqual([]);
    for (const [author, seq] of last) {
      const seqs = reader.seen.get(author) ?? [];
      // Whoever came late begins late, and misses nothing from there.
      const from = fromFirst.has(reader) ? (first.get(author) ?? 0) + 1 : seqs[0];
      expect(seqs, reader.name).toEqual(range(Number(from), seq));
    }
  }
});
