import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Bus, ChainRepository, EntryDelivery, FeedSource, Position, RelayEvent, StreamControl } from "../../src/domain/ports.ts";
import { EntryType, idKey } from "../../src/protocol/index.ts";
import { EntryStream } from "../../src/realtime/entry-stream.ts";
import { REPLAY_PAGE } from "../../src/realtime/feed-limits.ts";
import { createFeedSource } from "../../src/realtime/feed-source.ts";
import { createHub, type Hub } from "../../src/realtime/hub.ts";
import { createInProcessBus } from "../../src/realtime/in-process-bus.ts";
import { Author, befriend, createAuthor } from "../support/author.ts";
import { silentLog } from "../support/quiet.ts";
import { createTestRelay, type TestRelay } from "../support/test-relay.ts";

const LIMITS = { maxUnsentEntries: 5, maxUnsentBytes: 1_048_576 };
const PAGE = { entries: 3, bytes: 262_144 };

let relay: TestRelay;
let alice: Author;
let bob: Author;
let feedSource: FeedSource;
beforeAll(async () => {
  relay = await createTestRelay({ limits: LIMITS, page: PAGE });
  ({ feedSource } = relay.services);
});
afterAll(() => relay.close());
beforeEach(async () => {
  [alice, bob] = await Promise.all([createAuthor(relay), createAuthor(relay)]);
  await befriend(alice, bob);
});

const calm: StreamControl = { onOverflow: () => expect.unreachable("the consumer is fast enough") };
const describeDelivery = (delivery: EntryDelivery): string =>
  delivery.kind === "caughtUp" ? `caught up with ${delivery.authors}` : `${nameOf(delivery.entry.author)} ${delivery.entry.seq}`;
const nameOf = (author: Uint8Array): string => ({ [idKey(alice.userId)]: "alice", [idKey(bob.userId)]: "bob" })[idKey(author)] ?? "somebody";

const position = (author: Author, seq = author.head.seq): Position => ({ author: author.userId, seq });
const entries = (viewer: Author, after: Position[], source = feedSource, control = calm) => source.entries(viewer.viewer, after, control);

async function take<Delivery>(stream: AsyncIterator<Delivery, undefined>, count: number): Promise<Delivery[]> {
  const taken: Delivery[] = [];
  while (taken.length < count) {
    const { done, value } = await stream.next();
    if (done) break;
    taken.push(value);
  }
  return taken;
}

const takeNames = async (stream: AsyncIterator<EntryDelivery, undefined>, count: number): Promise<string[]> => (await take(stream, count)).map(describeDelivery);

async function write(author: Author, count: number): Promise<void> {
  for (let written = 0; written < count; written += 1) await author.write(`number ${written}`);
}

describe("what is live", () => {
  test("is delivered from the moment on when the stream was asked for, not when it was first read", async () => {
    const stream = entries(alice, []);
    await write(bob, 2);
    // Whether the first ones still count as missed depends on how fast the stream learned whom it follows.
    const first = await takeNames(stream, 3);
    expect(first.filter((name) => name !== "caught up with 0")).toEqual(["bob 2", "bob 3"]);
    await write(bob, 1);
    await write(alice, 1);
    expect(await takeNames(stream, 2)).toEqual(["bob 4", "alice 2"]);
    await stream.return?.();
  });

  test("wakes a consumer that waits, and is one object to all streams", async () => {
    const carol = await createAuthor(relay);
    await befriend(carol, bob);
    const streams = [entries(alice, []), entries(carol, [])];
    for (const stream of streams) await take(stream, 1);
    const waiting = streams.map((stream) => stream.next());
    await write(bob, 1);
    const [one, other] = (await Promise.all(waiting)).map(({ value }) => (value?.kind === "entry" ? value.entry : undefined));
    expect(one).toMatchObject({ seq: 2, author: bob.userId });
    expect(other).toBe(one);
    await Promise.all(streams.map((stream) => stream.return?.()));
  });

  test("by strangers and by those one cannot read yet is not delivered", async () => {
    const stranger = await createAuthor(relay);
    const { id } = await stranger.request(alice);
    await alice.accept(id, stranger);
    const stream = entries(alice, [position(stranger, 0)]);
    await write(stranger, 1);
    await write(bob, 1);
    expect((await takeNames(stream, 2)).sort()).toEqual(["bob 2", "caught up with 0"]);
    await stream.return?.();
  });
});

describe("what was missed", () => {
  test("comes first, in order, over as many pages as it takes; CaughtUp follows it", async () => {
    await write(bob, 8);
    await write(alice, 1);
    const stream = entries(alice, [position(bob, 1), position(alice, 0)]);
    const taken = await takeNames(stream, 11);
    expect(taken.filter((name) => name.startsWith("bob"))).toEqual([2, 3, 4, 5, 6, 7, 8, 9].map((seq) => `bob ${seq}`));
    expect(taken.filter((name) => name.startsWith("alice"))).toEqual(["alice 1", "alice 2"]);
    expect(taken.at(-1)).toBe("caught up with 2");
    await stream.return?.();
  });

  test("and what is written meanwhile is delivered once, without overflowing", async () => {
    await write(bob, 4);
    const stream = entries(alice, [position(bob, 1)]);
    const first = await takeNames(stream, 1);
    await write(bob, 3 * LIMITS.maxUnsentEntries);
    const rest = await takeNames(stream, 4 + 3 * LIMITS.maxUnsentEntries);
    const delivered = [...first, ...rest].filter((name) => name !== "caught up with 1");
    expect(delivered).toEqual(Array.from({ length: 4 + 3 * LIMITS.maxUnsentEntries }, (_, index) => `bob ${index + 2}`));
    await stream.return?.();
  });

  test("by one author keeps the entries of the others in the store, too", async () => {
    const carol = await createAuthor(relay);
    await befriend(alice, carol);
    await write(bob, 1);
    const stream = entries(alice, [position(bob, 1), position(carol)]);
    await take(feedSource.entries(alice.viewer, [position(carol)], calm), 1);
    await write(carol, 2 * LIMITS.maxUnsentEntries);
    const taken = await takeNames(stream, 2 + 2 * LIMITS.maxUnsentEntries);
    expect(taken.filter((name) => name.startsWith("somebody"))).toEqual(Array.from({ length: 2 * LIMITS.maxUnsentEntries }, (_, index) => `somebody ${index + 2}`));
    await stream.return?.();
  });

  test("by an author whom the client does not name is left to the client", async () => {
    await write(bob, 3);
    const stream = entries(alice, [position(alice)]);
    expect(await takeNames(stream, 1)).toEqual(["caught up with 1"]);
    await write(bob, 1);
    expect(await takeNames(stream, 1)).toEqual(["bob 5"]);
    await stream.return?.();
  });

  test("is nothing for a client that holds more than the relay, which hears what comes next", async () => {
    const stream = entries(alice, [position(bob, 1000)]);
    expect(await takeNames(stream, 1)).toEqual(["caught up with 1"]);
    await write(bob, 1);
    expect(await takeNames(stream, 1)).toEqual(["bob 2"]);
    await stream.return?.();
  });

  test("holds withdrawn thoughts without their text", async () => {
    const written = await bob.write("regret");
    const tombstone = bob.tombstone(written.hash);
    await relay.services.thoughts.withdraw(bob.viewer, tombstone.bytes);
    const stream = entries(alice, [position(bob, 1)]);
    const [withdrawn, grave] = await take(stream, 2);
    expect(withdrawn).toMatchObject({ entry: { seq: 2, payload: undefined } });
    expect(grave).toMatchObject({ entry: { seq: 3, type: EntryType.TOMBSTONE } });
    await stream.return?.();
  });
});

describe("whose chains", () => {
  test("an ex-friend gets nothing more, not even what waited already", async () => {
    const fid = (await relay.services.friendships.findNewest(alice.viewer, [bob.userId]))[0]?.id ?? new Uint8Array();
    const live = entries(alice, []);
    await take(live, 1);
    await write(bob, 2);
    const missed = entries(alice, [position(bob, 1)]);
    expect(await takeNames(missed, 1)).toEqual(["bob 2"]);
    await bob.unfriend(fid, alice);
    await write(bob, 1);
    await alice.rotate();
    expect(await takeNames(live, 1)).toEqual(["alice 2"]);
    expect(await takeNames(missed, 2)).toEqual(["caught up with 1", "alice 2"]);
    await Promise.all([live.return?.(), missed.return?.()]);
  });

  test("an edge that is gone from the store stops a replay even when nobody was told", async () => {
    await write(bob, 6);
    const stream = entries(alice, [position(bob, 1)]);
    expect(await takeNames(stream, 3)).toEqual(["bob 2", "bob 3", "bob 4"]);
    await relay.unitOfWork.repositories.friendships.deleteEdges(alice.userId, bob.userId);
    expect(await takeNames(stream, 1)).toEqual(["caught up with 1"]);
    await stream.return?.();
  });

  test("a new friend is live from the moment on when the friendship began", async () => {
    const carol = await createAuthor(relay);
    await write(carol, 2);
    const stream = entries(alice, []);
    await take(stream, 1);
    const waiting = stream.next();
    const { id } = await alice.request(carol);
    await carol.accept(id, alice);
    await write(carol, 2);
    const first = (await waiting).value as EntryDelivery;
    expect([first, ...(await take(stream, 1))].map(describeDelivery)).toEqual(["somebody 4", "somebody 5"]);
    await stream.return?.();
  });

  test("a friendship that ended and began anew starts at its new beginning", async () => {
    const fid = (await relay.services.friendships.findNewest(alice.viewer, [bob.userId]))[0]?.id ?? new Uint8Array();
    const stream = entries(alice, []);
    await take(stream, 1);
    await bob.unfriend(fid, alice);
    await write(bob, 2);
    await alice.rotate();
    await befriend(bob, alice);
    await write(bob, 1);
    expect(await takeNames(stream, 2)).toEqual(["alice 2", "bob 5"]);
    await stream.return?.();
  });
});

describe("while the stream learns whom it follows", () => {
  /** A source whose reading of edges waits, before or after the store has answered, until the gate opens. */
  function gated(when: "before" | "after") {
    let open = (): void => undefined;
    let arrive = (): void => undefined;
    let gate = Promise.resolve();
    /** Closes the gate; resolves when somebody stands before it. */
    const close = (): Promise<void> => {
      gate = new Promise((resolve) => (open = resolve));
      return new Promise((resolve) => (arrive = resolve));
    };
    const pass = (): Promise<void> => {
      arrive();
      return gate;
    };
    const { unitOfWork, bus } = relay;
    const { friendships } = unitOfWork.repositories;
    const listAuthors: typeof friendships.listAuthors = async (reader) => {
      if (when === "before") await pass();
      const authors = await friendships.listAuthors(reader);
      if (when === "after") await pass();
      return authors;
    };
    const slow = { ...unitOfWork, repositories: { ...unitOfWork.repositories, friendships: { ...friendships, listAuthors } } };
    return { source: createFeedSource({ unitOfWork: slow, bus, log: silentLog, limits: LIMITS, page: PAGE }), close, open: () => open() };
  }

  test.each(["before", "after"] as const)("nothing is lost that is written %s the store has told it", async (when) => {
    const { source, close, open } = gated(when);
    const arrived = close();
    const stream = entries(alice, [], source);
    const waiting = takeNames(stream, 3);
    await arrived;
    await write(bob, 2);
    open();
    expect(await waiting).toEqual(["bob 2", "bob 3", "caught up with 0"]);
    await stream.return?.();
  });

  test.each(["before", "after"] as const)("nothing of a new friend is lost that is written %s the store has told it", async (when) => {
    const carol = await createAuthor(relay);
    await write(carol, 1);
    const { source, close, open } = gated(when);
    const stream = entries(alice, [], source);
    await take(stream, 1);
    const arrived = close();
    const { id } = await alice.request(carol);
    await carol.accept(id, alice);
    await arrived;
    await write(carol, 2);
    open();
    expect(await takeNames(stream, 2)).toEqual(["somebody 3", "somebody 4"]);
    await stream.return?.();
  });

  test("a friendship that ends and begins anew meanwhile does not bring what lies between", async () => {
    const fid = (await relay.services.friendships.findNewest(alice.viewer, [bob.userId]))[0]?.id ?? new Uint8Array();
    const { source, close, open } = gated("before");
    const stream = entries(alice, [], source);
    await take(stream, 1);
    const arrived = close();
    await bob.unfriend(fid, alice);
    await arrived;
    await write(bob, 2);
    await befriend(bob, alice);
    await write(bob, 1);
    open();
    expect(await takeNames(stream, 1)).toEqual(["bob 5"]);
    await stream.return?.();
  });
});

describe("the end of a stream", () => {
  test("comes when the consumer is too slow: it is told, and nothing waits any more", async () => {
    let overflows = 0;
    const stream = entries(alice, [], feedSource, { onOverflow: () => (overflows += 1) });
    await take(stream, 1);
    await write(bob, LIMITS.maxUnsentEntries);
    expect(overflows).toBe(0);
    await write(bob, 2);
    expect(overflows).toBe(1);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  test("comes when what waits is too large", async () => {
    let overflows = 0;
    const { unitOfWork, bus } = relay;
    const narrow = createFeedSource({ unitOfWork, bus, log: silentLog, limits: { maxUnsentEntries: 100, maxUnsentBytes: 2000 } });
    const stream = entries(alice, [], narrow, { onOverflow: () => (overflows += 1) });
    await take(stream, 1);
    await write(bob, 3);
    expect(overflows).toBe(0);
    await write(bob, 1);
    expect(overflows).toBe(1);
  });

  test("comes with the end of its session, and of no other", async () => {
    const [mine, other] = [entries(alice, []), feedSource.entries({ ...alice.viewer, sessionId: new Uint8Array(16) }, [], calm)];
    await Promise.all([take(mine, 1), take(other, 1)]);
    const waiting = mine.next();
    await relay.services.sessions.end(alice.viewer, alice.viewer.sessionId);
    expect((await waiting).done).toBe(true);
    await write(bob, 1);
    expect(await takeNames(other, 1)).toEqual(["bob 2"]);
    await other.return?.();
  });

  test("frees every listener, whether it was read, still loads, or waits", async () => {
    let listeners = 0;
    const hub = createHub(relay.bus, silentLog);
    const counting = (stop: () => void): (() => void) => {
      listeners += 1;
      return () => {
        listeners -= 1;
        stop();
      };
    };
    const counted: Hub = {
      ...hub,
      listenToAuthor: (author, listener) => counting(hub.listenToAuthor(author, listener)),
      listenToUser: (userId, listener) => counting(hub.listenToUser(userId, listener)),
    };
    const begin = () =>
      new EntryStream<EntryDelivery>({
        viewer: alice.viewer, after: [position(bob, 0)], includeOwn: true, types: undefined, toDelivery: (delivery) => delivery,
        control: calm, hub: counted, unitOfWork: relay.unitOfWork, limits: LIMITS, page: REPLAY_PAGE,
      });
    const [read, loading, waiting] = [begin(), begin(), begin()];
    await take(read, 1);
    await loading.return();
    await take(waiting, 2);
    const pending = waiting.next();
    expect(listeners).toBeGreaterThan(0);
    await Promise.all([read.return(), waiting.return()]);
    expect((await pending).done).toBe(true);
    expect((await loading.next()).done).toBe(true);
    expect(listeners).toBe(0);
  });

  test("comes as an error when the store cannot be read, once", async () => {
    const { unitOfWork, bus } = relay;
    const failure = new Error("the store is away");
    const friendships = { ...unitOfWork.repositories.friendships, listAuthors: () => Promise.reject(failure) };
    const broken = { ...unitOfWork, repositories: { ...unitOfWork.repositories, friendships } };
    const stream = entries(alice, [], createFeedSource({ unitOfWork: broken, bus, log: silentLog, limits: LIMITS }));
    await expect(stream.next()).rejects.toBe(failure);
    expect((await stream.next()).done).toBe(true);
  });
});

describe("thoughts", () => {
  test("are those of friends alone, without entries of other types, from the positions of whole chains", async () => {
    await write(bob, 2);
    await bob.rotate([alice]);
    await write(bob, 2);
    await bob.rotate([alice]);
    await write(alice, 1);
    const stream = feedSource.thoughts(alice.viewer, [position(bob, 2), position(alice, 0)], calm);
    expect((await take(stream, 3)).map(({ seq }) => seq)).toEqual([3, 5, 6]);
    await write(alice, 1);
    await write(bob, 2);
    expect((await take(stream, 2)).map(({ seq, type }) => [seq, type])).toEqual([[8, 2], [9, 2]]);
    await stream.return?.();
  });
});

test("what is of no interest is read past once, not again and again", async () => {
  await write(bob, 1);
  await bob.rotate([alice]);
  const { unitOfWork, bus } = relay;
  let reads = 0;
  const chains: ChainRepository = {
    ...unitOfWork.repositories.chains,
    listEntries(options) {
      reads += 1;
      return unitOfWork.repositories.chains.listEntries(options);
    },
  };
  const counting = { ...unitOfWork, repositories: { ...unitOfWork.repositories, chains } };
  const stream = createFeedSource({ unitOfWork: counting, bus, log: silentLog, limits: LIMITS }).thoughts(alice.viewer, [position(bob, 1)], calm);
  expect((await take(stream, 1)).map(({ seq }) => seq)).toEqual([2]);
  const waiting = stream.next();
  await write(alice, 5);
  expect(reads).toBe(1);
  await stream.return?.();
  await waiting;
});

describe("announcements that are lost, doubled or out of order", () => {
  /** A source that hears what `choose` makes of each announcement. */
  function listeningThrough(choose: (event: RelayEvent) => RelayEvent[]): { source: FeedSource; bus: Bus } {
    const bus = createInProcessBus(silentLog);
    relay.bus.subscribe((event) => choose(event).forEach((chosen) => bus.publish(chosen)));
    const { unitOfWork } = relay;
    return { source: createFeedSource({ unitOfWork, bus, log: silentLog, limits: { maxUnsentEntries: 100, maxUnsentBytes: 1_048_576 }, page: PAGE }), bus };
  }

  test("cost no entry and double none", async () => {
    const held: RelayEvent[] = [];
    const { source } = listeningThrough((event) => {
      if (event.kind !== "entry") return [event];
      if (event.seq % 5 === 0) return [];
      if (event.seq % 5 === 1) return [event, event];
      if (event.seq % 5 === 2) return held.push(event) > 0 ? [] : [];
      return event.seq % 5 === 3 ? [event, ...held.splice(0)] : [event];
    });
    const stream = entries(alice, [position(bob)], source);
    await take(stream, 1);
    await write(bob, 23);
    expect(await takeNames(stream, 23)).toEqual(Array.from({ length: 23 }, (_, index) => `bob ${index + 2}`));
    await stream.return?.();
  });

  test("with many writers and a reader of changing pace, each chain arrives whole and in order", async () => {
    const friends = [bob, ...(await Promise.all([createAuthor(relay), createAuthor(relay), createAuthor(relay)]))];
    for (const friend of friends.slice(1)) await befriend(alice, friend);
    let announcements = 0;
    const { source } = listeningThrough((event) => (event.kind === "entry" && (announcements += 1) % 3 === 0 ? [] : [event]));
    const stream = entries(alice, friends.map((friend) => position(friend, 1)), source);
    const writing = Promise.all(friends.map((friend) => write(friend, 15)));
    const seen = new Map<string, number[]>();
    const read = async (count: number): Promise<void> => {
      for (const delivery of await take(stream, count)) {
        if (delivery.kind === "caughtUp") continue;
        const key = idKey(delivery.entry.author);
        seen.set(key, [...(seen.get(key) ?? []), delivery.entry.seq]);
      }
    };
    await read(10);
    await writing;
    // The last announcement of an author may be one that was lost: one more entry brings it to light.
    for (const friend of friends) await write(friend, 3);
    const isWhole = (): boolean => friends.every((friend) => (seen.get(idKey(friend.userId))?.length ?? 0) >= 16);
    while (!isWhole()) await read(1);
    for (const seqs of seen.values()) expect(seqs).toEqual(seqs.map((_, index) => index + 2));
    await stream.return?.();
  });
});
