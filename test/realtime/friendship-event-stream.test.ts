import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { FriendshipEventDelivery } from "../../src/domain/ports/index.ts";
import { type Author, befriend, createAuthor } from "../support/author.ts";
import { createTestRelay, type TestRelay } from "../support/test-relay.ts";

let relay: TestRelay;
let alice: Author;
let bob: Author;
beforeAll(async () => {
  relay = await createTestRelay({ page: { entries: 2, bytes: 1 } });
});
afterAll(() => relay.close());
beforeEach(async () => {
  [alice, bob] = await Promise.all([createAuthor(relay), createAuthor(relay)]);
});

const begin = (viewer: Author, after: number) => relay.services.feedSource.friendshipEvents(viewer.viewer, after);

async function take(stream: AsyncIterator<FriendshipEventDelivery, undefined>, count: number): Promise<string[]> {
  const taken: string[] = [];
  while (taken.length < count) {
    const { done, value } = await stream.next();
    if (done) break;
    taken.push(`${value.event.number} ${value.event.kind} ${value.friendship.state}`);
  }
  return taken;
}

test("what was missed comes first and what happens follows, without gap or double, with the friendship as it is", async () => {
  await befriend(alice, bob);
  const stream = begin(alice, 1);
  expect(await take(stream, 1)).toEqual(["2 ACCEPTED CONFIRMED"]);
  await relay.services.grants.ask(bob.viewer, alice.userId);
  expect(await take(stream, 2)).toEqual(["3 CONFIRMED CONFIRMED", "4 GRANT_ASKED CONFIRMED"]);
  const waiting = take(stream, 1);
  await relay.services.grants.ask(alice.viewer, bob.userId);
  await relay.services.grants.store(bob.viewer, [bob.grant(alice)]);
  expect(await waiting).toEqual(["5 GRANT_STORED CONFIRMED"]);
  await stream.return?.();
});

test("many events at once all come, in order, to every stream of the user", async () => {
  const streams = [begin(alice, 0), begin(alice, 0)];
  const people = await Promise.all(Array.from({ length: 12 }, () => createAuthor(relay)));
  await Promise.all(people.map((person) => person.request(alice)));
  for (const stream of streams) {
    const numbers = (await take(stream, people.length)).map((line) => Number(line.split(" ")[0]));
    expect(numbers).toEqual(people.map((_, index) => index + 1));
    await stream.return?.();
  }
});

test("a client that holds more than the relay hears what comes next", async () => {
  const stream = begin(alice, 1000);
  const waiting = take(stream, 1);
  await bob.request(alice);
  expect(await waiting).toEqual(["1 REQUESTED PENDING"]);
  await stream.return?.();
});

test("other people's events do not come; the end of the session ends the stream", async () => {
  const carol = await createAuthor(relay);
  const stream = begin(carol, 0);
  const waiting = stream.next();
  await befriend(alice, bob);
  await relay.services.sessions.end(carol.viewer, carol.viewer.sessionId);
  expect(await waiting).toEqual({ done: true, value: undefined });
});

test("return ends a stream that waits", async () => {
  const stream = begin(alice, 0);
  const waiting = stream.next();
  await stream.return?.();
  expect((await waiting).done).toBe(true);
  expect((await stream.next()).done).toBe(true);
});
