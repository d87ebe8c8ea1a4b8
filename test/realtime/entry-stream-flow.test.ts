import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { EntryDelivery, StreamControl } from "../../src/domain/ports/index.ts";
import type { Sink } from "../../src/realtime/sink.ts";
import type { Stream } from "../../src/realtime/stream.ts";
import type { Author } from "../support/author.ts";
import { createFriends, createStreamRelay, type Friends, LIMITS, position, write } from "../support/streams.ts";
import type { TestRelay } from "../support/test-relay.ts";

let relay: TestRelay;
let friends: Friends;
let alice: Author;
let bob: Author;
const streams: Stream<EntryDelivery>[] = [];
beforeAll(async () => {
  relay = await createStreamRelay();
});
afterAll(() => relay.close());
beforeEach(async () => {
  friends = await createFriends(relay);
  ({ alice, bob } = friends);
});
afterEach(() => Promise.all(streams.splice(0).map((stream) => stream.return())));

/** A stream of Alice's that flows into a list of names. */
function flow(after = [position(bob)], sink: Partial<Sink<EntryDelivery>> = {}, control?: StreamControl) {
  const stream = friends.entries(after, undefined, control) as Stream<EntryDelivery>;
  streams.push(stream);
  const names: string[] = [];
  const over = stream.flow({ take: (delivery) => void names.push(friends.nameOf(delivery)), room: () => undefined, ...sink });
  return { names, over };
}

const namesOf = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, index) => `bob ${from + index}`);

test("what was missed comes first, then what is written, in order and once", async () => {
  await write(bob, 7);
  const { names } = flow([position(bob, 1)]);
  await write(bob, 4);
  await expect.poll(() => names.length).toBe(12);
  await write(bob, 3);
  expect(names.filter((name) => name.startsWith("bob"))).toEqual(namesOf(2, 15));
  expect(names).toContain("caught up with 1");
});

test("an entry is poured before the author hears that it is stored", async () => {
  const { names } = flow();
  await expect.poll(() => names).toEqual(["caught up with 1"]);
  await write(bob, 1);
  expect(names.at(-1)).toBe("bob 2");
});

test("nothing is delivered once the edge is gone, even when nobody was told", async () => {
  const { names } = flow();
  await expect.poll(() => names.length).toBe(1);
  await write(bob, 1);
  const { friendships, chains } = relay.unitOfWork.repositories;
  await friendships.deleteEdges(alice.userId, bob.userId);
  await chains.noteEndedEdges(alice.userId, bob.userId);
  await bob.rotate();
  await write(bob, 2);
  await alice.rotate();
  await expect.poll(() => names.at(-1)).toBe("alice 2");
  expect(names.filter((name) => name.startsWith("bob"))).toEqual(["bob 2"]);
});

test("a friend whose other friendship ended is delivered on", async () => {
  const { names } = flow();
  await expect.poll(() => names.length).toBe(1);
  await write(bob, 1);
  await relay.unitOfWork.repositories.chains.noteEndedEdges(alice.userId, bob.userId);
  await bob.rotate();
  await write(bob, 1);
  await expect.poll(() => names.filter((name) => name.startsWith("bob"))).toEqual(namesOf(2, 4));
});

test("while there is no room, few live entries wait, and then the stream overflows", async () => {
  let isOverfull = false;
  let isFull = false;
  const take = (): void => void (isFull = true);
  const room = (): Promise<void> | undefined => (isFull ? new Promise(() => undefined) : undefined);
  flow(undefined, { take, room }, { onOverflow: () => void (isOverfull = true) });
  await expect.poll(() => isFull).toBe(true);
  await write(bob, LIMITS.maxUnsentEntries);
  expect(isOverfull).toBe(false);
  await write(bob, 1);
  expect(isOverfull).toBe(true);
});

test("a sink that throws ends the stream with its error", async () => {
  const { over } = flow(undefined, {
    take() {
      throw new Error("no socket");
    },
  });
  await expect(over).rejects.toThrow("no socket");
});
