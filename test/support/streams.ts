import { expect } from "vitest";
import type { EntryDelivery, FeedSource, Position, StreamControl } from "../../src/domain/ports/index.ts";
import { idKey } from "../../src/protocol/index.ts";
import { type Author, befriend, createAuthor } from "./author.ts";
import { createTestRelay, type TestRelay } from "./test-relay.ts";

/** Small enough that a test can fill them. */
export const LIMITS = { maxUnsentEntries: 5, maxUnsentBytes: 1_048_576 };
export const PAGE = { entries: 3, bytes: 262_144 };

export const calm: StreamControl = { onOverflow: () => expect.unreachable("the consumer is fast enough") };

/** Alice and Bob, who are friends, and their fid. */
export interface Friends {
  relay: TestRelay;
  alice: Author;
  bob: Author;
  fid: Uint8Array;
  /** A stream of Alice's by default from the relay's own source. */
  entries(after: Position[], source?: FeedSource, control?: StreamControl): AsyncIterableIterator<EntryDelivery, undefined>;
  /** In words: "bob 7", "caught up with 2". */
  nameOf(delivery: EntryDelivery): string;
  /** The next deliveries in words. */
  takeNames(stream: AsyncIterator<EntryDelivery, undefined>, count: number): Promise<string[]>;
}

export function createStreamRelay(): Promise<TestRelay> {
  return createTestRelay({ limits: LIMITS, page: PAGE });
}

export async function createFriends(relay: TestRelay): Promise<Friends> {
  const [alice, bob] = await Promise.all([createAuthor(relay), createAuthor(relay)]);
  const fid = await befriend(alice, bob);
  const names = new Map([[idKey(alice.userId), "alice"], [idKey(bob.userId), "bob"]]);
  const nameOf = (delivery: EntryDelivery): string =>
    delivery.kind === "caughtUp" ? `caught up with ${delivery.authors}` : `${names.get(idKey(delivery.entry.author)) ?? "somebody"} ${delivery.entry.seq}`;
  return {
    relay,
    alice,
    bob,
    fid,
    nameOf,
    entries: (after, source = relay.services.feedSource, control = calm) => source.entries(alice.viewer, after, control),
    takeNames: async (stream, count) => (await take(stream, count)).map(nameOf),
  };
}

export const position = (author: Author, seq = author.head.seq): Position => ({ author: author.userId, seq });

/** The next deliveries; fewer when the stream ends. */
export async function take<Delivery>(stream: AsyncIterator<Delivery, undefined>, count: number): Promise<Delivery[]> {
  const taken: Delivery[] = [];
  while (taken.length < count) {
    const { done, value } = await stream.next();
    if (done) break;
    taken.push(value);
  }
  return taken;
}

export async function write(author: Author, count: number): Promise<void> {
  for (let written = 0; written < count; written += 1) await author.write(`number ${written}`);
}
