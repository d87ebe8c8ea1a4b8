import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { EntryDelivery } from "../../src/domain/ports/index.ts";
import { createFeedSource } from "../../src/realtime/feed-source.ts";
import { type Author, befriend, createAuthor } from "../support/author.ts";
import { atOnce, silentLog } from "../support/quiet.ts";
import { createFriends, createStreamRelay, type Friends, LIMITS, PAGE, position, take, write } from "../support/streams.ts";
import type { TestRelay } from "../support/test-relay.ts";

let relay: TestRelay;
let alice: Author;
let bob: Author;
let fid: Uint8Array;
let entries: Friends["entries"];
let takeNames: Friends["takeNames"];
beforeAll(async () => {
  relay = await createStreamRelay();
});
afterAll(() => relay.close());
beforeEach(async () => {
  ({ alice, bob, fid, entries, takeNames } = await createFriends(relay));
});

describe("whose chains", () => {
  test("an ex-friend gets nothing more, not even what waited already", async () => {
    const live = entries([]);
    await take(live, 1);
    await write(bob, 2);
    const missed = entries([position(bob, 1)]);
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
    const stream = entries([position(bob, 1)]);
    expect(await takeNames(stream, 3)).toEqual(["bob 2", "bob 3", "bob 4"]);
    await relay.unitOfWork.repositories.friendships.deleteEdges(alice.userId, bob.userId);
    expect(await takeNames(stream, 1)).toEqual(["caught up with 1"]);
    await stream.return?.();
  });

  test("a new friend is live from the moment on when the friendship began", async () => {
    const carol = await createAuthor(relay);
    await write(carol, 2);
    const stream = entries([]);
    await take(stream, 1);
    const waiting = stream.next();
    const { id } = await alice.request(carol);
    await carol.accept(id, alice);
    await write(carol, 2);
    const first = (await waiting).value as EntryDelivery;
    expect(first).toMatchObject({ entry: { seq: 4, author: carol.userId } });
    expect(await takeNames(stream, 1)).toEqual(["somebody 5"]);
    await stream.return?.();
  });

  test("a friendship that ended and began anew starts at its new beginning", async () => {
    const stream = entries([]);
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
    return { source: createFeedSource({ unitOfWork: slow, bus, tick: atOnce, log: silentLog, limits: LIMITS, page: PAGE }), close, open: () => open() };
  }

  test.each(["before", "after"] as const)("nothing is lost that is written %s the store has told it", async (when) => {
    const { source, close, open } = gated(when);
    const arrived = close();
    const stream = entries([], source);
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
    const stream = entries([], source);
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
    const { source, close, open } = gated("before");
    const stream = entries([], source);
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
