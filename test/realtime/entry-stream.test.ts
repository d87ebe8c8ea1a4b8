import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ChainRepository } from "../../src/domain/ports/index.ts";
import { EntryType } from "../../src/protocol/index.ts";
import { createFeedSource } from "../../src/realtime/feed-source.ts";
import { type Author, befriend, createAuthor } from "../support/author.ts";
import { atOnce, silentLog } from "../support/quiet.ts";
import { calm, createFriends, createStreamRelay, type Friends, LIMITS, position, take, write } from "../support/streams.ts";
import type { TestRelay } from "../support/test-relay.ts";

let relay: TestRelay;
let alice: Author;
let bob: Author;
let entries: Friends["entries"];
let takeNames: Friends["takeNames"];
beforeAll(async () => {
  relay = await createStreamRelay();
});
afterAll(() => relay.close());
beforeEach(async () => {
  ({ alice, bob, entries, takeNames } = await createFriends(relay));
});

describe("what is live", () => {
  test("is delivered from the moment on when the stream was asked for, not when it was first read", async () => {
    const stream = entries([]);
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
    const streams = [entries([]), relay.services.feedSource.entries(carol.viewer, [], calm)];
    for (const stream of streams) await take(stream, 1);
    const waiting = streams.map((stream) => stream.next());
    await write(bob, 1);
    const [one, other] = (await Promise.all(waiting)).map(({ value }) => (value?.kind === "entry" ? value.entry : undefined));
    expect(one).toMatchObject({ seq: 2, author: bob.userId });
    expect(other).toBe(one);
    for (const stream of streams) await stream.return?.();
  });

  test("by strangers and by those one cannot read yet is not delivered", async () => {
    const stranger = await createAuthor(relay);
    const { id } = await stranger.request(alice);
    await alice.accept(id, stranger);
    const stream = entries([position(stranger, 0)]);
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
    const stream = entries([position(bob, 1), position(alice, 0)]);
    const taken = await takeNames(stream, 11);
    expect(taken.filter((name) => name.startsWith("bob"))).toEqual([2, 3, 4, 5, 6, 7, 8, 9].map((seq) => `bob ${seq}`));
    expect(taken.filter((name) => name.startsWith("alice"))).toEqual(["alice 1", "alice 2"]);
    expect(taken.at(-1)).toBe("caught up with 2");
    await stream.return?.();
  });

  test("and what is written meanwhile is delivered once, without overflowing", async () => {
    await write(bob, 4);
    const stream = entries([position(bob, 1)]);
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
    const stream = entries([position(bob, 1), position(carol)]);
    await take(relay.services.feedSource.entries(alice.viewer, [position(carol)], calm), 1);
    await write(carol, 2 * LIMITS.maxUnsentEntries);
    const taken = await takeNames(stream, 2 + 2 * LIMITS.maxUnsentEntries);
    expect(taken.filter((name) => name.startsWith("somebody"))).toEqual(Array.from({ length: 2 * LIMITS.maxUnsentEntries }, (_, index) => `somebody ${index + 2}`));
    await stream.return?.();
  });

  test("by an author whom the client does not name is left to the client", async () => {
    await write(bob, 3);
    const stream = entries([position(alice)]);
    expect(await takeNames(stream, 1)).toEqual(["caught up with 1"]);
    await write(bob, 1);
    expect(await takeNames(stream, 1)).toEqual(["bob 5"]);
    await stream.return?.();
  });

  test("is nothing for a client that holds more than the relay, which hears what comes next", async () => {
    const stream = entries([position(bob, 1000)]);
    expect(await takeNames(stream, 1)).toEqual(["caught up with 1"]);
    await write(bob, 1);
    expect(await takeNames(stream, 1)).toEqual(["bob 2"]);
    await stream.return?.();
  });

  test("holds withdrawn thoughts without their text", async () => {
    const written = await bob.write("regret");
    const tombstone = bob.tombstone(written.hash);
    await relay.services.thoughts.withdraw(bob.viewer, tombstone.bytes);
    const stream = entries([position(bob, 1)]);
    const [withdrawn, grave] = await take(stream, 2);
    expect(withdrawn).toMatchObject({ entry: { seq: 2, payload: undefined } });
    expect(grave).toMatchObject({ entry: { seq: 3, type: EntryType.TOMBSTONE } });
    await stream.return?.();
  });
});

describe("thoughts", () => {
  test("are those of friends alone, without entries of other types, from the positions of whole chains", async () => {
    await write(bob, 2);
    await bob.rotate([alice]);
    await write(bob, 2);
    await bob.rotate([alice]);
    await write(alice, 1);
    const stream = relay.services.feedSource.thoughts(alice.viewer, [position(bob, 2), position(alice, 0)], calm);
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
  const stream = createFeedSource({ unitOfWork: counting, bus, tick: atOnce, log: silentLog, limits: LIMITS }).thoughts(alice.viewer, [position(bob, 1)], calm);
  expect((await take(stream, 1)).map(({ seq }) => seq)).toEqual([2]);
  const waiting = stream.next();
  await write(alice, 5);
  expect(reads).toBe(1);
  await stream.return?.();
  await waiting;
});
