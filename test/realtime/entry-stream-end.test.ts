import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { EntryDelivery } from "../../src/domain/ports/index.ts";
import { EntryStream } from "../../src/realtime/entry-stream.ts";
import { REPLAY_PAGE } from "../../src/realtime/feed-limits.ts";
import { createFeedSource } from "../../src/realtime/feed-source.ts";
import { createHub } from "../../src/realtime/hub.ts";
import { type Author } from "../support/author.ts";
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

describe("the end of a stream", () => {
  test("comes when the consumer is too slow: it is told, and nothing waits any more", async () => {
    let overflows = 0;
    const stream = entries([], relay.services.feedSource, { onOverflow: () => (overflows += 1) });
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
    const narrow = createFeedSource({ unitOfWork, bus, tick: atOnce, log: silentLog, limits: { maxUnsentEntries: 100, maxUnsentBytes: 2000 } });
    const stream = entries([], narrow, { onOverflow: () => (overflows += 1) });
    await take(stream, 1);
    await write(bob, 3);
    expect(overflows).toBe(0);
    await write(bob, 1);
    expect(overflows).toBe(1);
  });

  test("comes with the end of its session, and of no other", async () => {
    const [mine, other] = [entries([]), relay.services.feedSource.entries({ ...alice.viewer, sessionId: new Uint8Array(16) }, [], calm)];
    await Promise.all([take(mine, 1), take(other, 1)]);
    const waiting = mine.next();
    await relay.services.sessions.end(alice.viewer, alice.viewer.sessionId);
    expect((await waiting).done).toBe(true);
    await write(bob, 1);
    expect(await takeNames(other, 1)).toEqual(["bob 2"]);
    await other.return?.();
  });

  test("frees every listener, whether it was read, still loads, or waits", async () => {
    const hub = createHub({ bus: relay.bus, chains: relay.unitOfWork.repositories.chains, tick: atOnce, log: silentLog });
    const listenedTo = (): number => hub.authors.size + hub.users.size;
    const begin = () =>
      new EntryStream<EntryDelivery>({
        viewer: alice.viewer, after: [position(bob, 0)], includeOwn: true, types: undefined, toDelivery: (delivery) => delivery,
        control: calm, hub, unitOfWork: relay.unitOfWork, limits: LIMITS, page: REPLAY_PAGE,
      });
    const [read, loading, waiting] = [begin(), begin(), begin()];
    await take(read, 1);
    await loading.return();
    await take(waiting, 2);
    const pending = waiting.next();
    expect(listenedTo()).toBeGreaterThan(0);
    await Promise.all([read.return(), waiting.return()]);
    expect((await pending).done).toBe(true);
    expect((await loading.next()).done).toBe(true);
    expect(listenedTo()).toBe(0);
  });

  test("comes as an error when the store cannot be read, once", async () => {
    const { unitOfWork, bus } = relay;
    const failure = new Error("the store is away");
    const friendships = { ...unitOfWork.repositories.friendships, listAuthors: () => Promise.reject(failure) };
    const broken = { ...unitOfWork, repositories: { ...unitOfWork.repositories, friendships } };
    const stream = entries([], createFeedSource({ unitOfWork: broken, bus, tick: atOnce, log: silentLog, limits: LIMITS }));
    await expect(stream.next()).rejects.toBe(failure);
    expect((await stream.next()).done).toBe(true);
  });
});
