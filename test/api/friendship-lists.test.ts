import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createFriendshipService } from "../../src/domain/friends/friendship-service.ts";
import { createReceiptSigner } from "../../src/server/keys/receipt-signer.ts";
import { type Author, befriend, createAuthor } from "../support/author.ts";
import { expectRefused, expectRefusedUnchanged } from "../support/refusals.ts";
import { createTestRelay, type TestRelay } from "../support/test-relay.ts";

let relay: TestRelay;
let alice: Author;
let bob: Author;
let carol: Author;
beforeAll(async () => {
  relay = await createTestRelay();
});
afterAll(() => relay.close());
beforeEach(async () => {
  [alice, bob, carol] = await Promise.all([createAuthor(relay), createAuthor(relay), createAuthor(relay)]);
});

const service = () => relay.services.friendships;

describe("lists", () => {
  test("tell friends from requests, by direction, in pages, newest change first", async () => {
    const dave = await createAuthor(relay);
    await befriend(alice, bob);
    relay.clock.ms += 1;
    const sent = await alice.request(carol);
    relay.clock.ms += 1;
    const received = await dave.request(alice);
    relay.clock.ms += 1;
    await carol.accept(sent.id, alice);

    const list = { before: undefined, first: 10 };
    const ids = (rows: { id: Uint8Array }[]) => rows.map(({ id }) => id);
    expect((await service().listFriends(alice.viewer, list)).rows).toMatchObject([{ accepter: bob.userId }]);
    expect(ids((await service().listRequests(alice.viewer, { ...list, direction: undefined })).rows)).toEqual([sent.id, received.id]);
    expect(ids((await service().listRequests(alice.viewer, { ...list, direction: "SENT" })).rows)).toEqual([sent.id]);
    expect(ids((await service().listRequests(alice.viewer, { ...list, direction: "RECEIVED" })).rows)).toEqual([received.id]);

    const first = await service().listRequests(alice.viewer, { direction: undefined, before: undefined, first: 1 });
    expect(first.hasMore).toBe(true);
    const [last] = first.rows;
    const second = await service().listRequests(alice.viewer, { direction: undefined, before: last, first: 1 });
    expect([ids(second.rows), second.hasMore]).toEqual([[received.id], false]);
  });

  test("of a stranger hold nothing of others", async () => {
    const { id } = await alice.request(bob);
    expect(await service().find(carol.viewer, id)).toBeUndefined();
    expect(await service().findMany(carol.viewer, [id])).toEqual([undefined]);
    expect(await service().findNewest(carol.viewer, [alice.userId, bob.userId])).toEqual([undefined, undefined]);
    expect(await service().findNewest(alice.viewer, [alice.userId])).toEqual([undefined]);
  });
});

test("nobody has more friends than the relay accepts, on either side", async () => {
  const { unitOfWork, bus, clock, keys } = relay;
  const small = createFriendshipService({
    unitOfWork, bus, clock, receiptSigner: createReceiptSigner(keys.receiptSeed), restorations: 0,
    limits: { maxFriends: 1, maxPageBytes: 1, maxEntriesPerMutation: 8 },
  });
  const { id } = await alice.request(bob);
  const waiting = await carol.request(alice);
  await bob.accept(id, alice);
  await expectRefusedUnchanged(relay, () => small.request(alice.viewer, alice.requestRecord(carol)), "REQUEST_CROSSED");
  await expectRefusedUnchanged(relay, () => small.request(bob.viewer, bob.requestRecord(carol)), "FRIENDS_FULL");
  await expectRefused(small.accept(alice.viewer, alice.acceptRecord(waiting.id, carol), alice.grant(carol)), "FRIENDS_FULL");
  await alice.accept(waiting.id, carol);
});
