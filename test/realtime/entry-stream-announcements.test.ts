import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { FeedSource, RelayEvent } from "../../src/domain/ports/index.ts";
import { idKey } from "../../src/protocol/index.ts";
import { createFeedSource } from "../../src/realtime/feed-source.ts";
import { createInProcessBus } from "../../src/realtime/buses/in-process-bus.ts";
import { type Author, befriend, createAuthor } from "../support/author.ts";
import { atOnce, silentLog } from "../support/quiet.ts";
import { createFriends, createStreamRelay, type Friends, PAGE, position, take, write } from "../support/streams.ts";
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

describe("announcements that are lost, doubled or out of order", () => {
  /** A source that hears what `choose` makes of each announcement. */
  function listeningThrough(choose: (event: RelayEvent) => RelayEvent[]): FeedSource {
    const bus = createInProcessBus(silentLog);
    relay.bus.subscribe((event) => choose(event).forEach((chosen) => bus.publish(chosen)));
    const { unitOfWork } = relay;
    return createFeedSource({ unitOfWork, bus, tick: atOnce, log: silentLog, limits: { maxUnsentEntries: 100, maxUnsentBytes: 1_048_576 }, page: PAGE });
  }

  test("cost no entry and double none", async () => {
    const held: RelayEvent[] = [];
    const source = listeningThrough((event) => {
      const fate = event.kind === "entry" ? event.seq % 5 : undefined;
      if (fate === 0) return [];
      if (fate === 1) return [event, event];
      if (fate === 3) return [event, ...held.splice(0)];
      if (fate !== 2) return [event];
      held.push(event);
      return [];
    });
    const stream = entries([position(bob)], source);
    await take(stream, 1);
    await write(bob, 23);
    expect(await takeNames(stream, 23)).toEqual(Array.from({ length: 23 }, (_, index) => `bob ${index + 2}`));
    await stream.return?.();
  });

  test("with many writers and a reader of changing pace, each chain arrives whole and in order", async () => {
    const friends = [bob, ...(await Promise.all([createAuthor(relay), createAuthor(relay), createAuthor(relay)]))];
    for (const friend of friends.slice(1)) await befriend(alice, friend);
    let announcements = 0;
    const source = listeningThrough((event) => (event.kind === "entry" && (announcements += 1) % 3 === 0 ? [] : [event]));
    const stream = entries(friends.map((friend) => position(friend, 1)), source);
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
