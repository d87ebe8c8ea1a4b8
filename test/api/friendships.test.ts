import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { generateBytes } from "../../src/crypto/index.ts";
import type { ErrorCode } from "../../src/domain/domain-error.ts";
import type { RelayEvent } from "../../src/domain/ports/index.ts";
import { encodeHealPayload, EntryType } from "../../src/protocol/index.ts";
import { type Author, befriend, createAuthor, fidOf } from "../support/author.ts";
import { createCardChange } from "../support/card-change.ts";
import { expectRefusedUnchanged } from "../support/refusals.ts";
import { createTestRelay, type TestRelay } from "../support/test-relay.ts";

const DAY_MS = 86_400_000;

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
const hasEdge = (reader: Author, author: Author) => relay.unitOfWork.repositories.friendships.hasEdge(reader.userId, author.userId);
const eventsOf = async (author: Author) =>
  (await relay.unitOfWork.repositories.friendships.listEvents(author.userId, 0, 100)).map(({ number, kind }) => [number, kind]);

/** What the work published. */
async function published(work: () => Promise<unknown>): Promise<RelayEvent[]> {
  const before = relay.events.length;
  await work();
  return relay.events.slice(before);
}

describe("from strangers to friends and back", () => {
  test("the requester reads from ACCEPTED on, both from CONFIRMED on, nobody after the end", async () => {
    const { id, state } = await alice.request(bob);
    expect([state, await hasEdge(alice, bob), await hasEdge(bob, alice)]).toEqual(["PENDING", false, false]);
    expect((await bob.accept(id, alice)).state).toBe("ACCEPTED");
    expect([await hasEdge(alice, bob), await hasEdge(bob, alice)]).toEqual([true, false]);
    expect((await alice.confirm(id, bob)).state).toBe("CONFIRMED");
    expect([await hasEdge(alice, bob), await hasEdge(bob, alice)]).toEqual([true, true]);
    expect((await bob.unfriend(id, alice)).state).toBe("ENDED");
    expect([await hasEdge(alice, bob), await hasEdge(bob, alice)]).toEqual([false, false]);
    const kinds = [[1, "REQUESTED"], [2, "ACCEPTED"], [3, "CONFIRMED"], [4, "ENDED"]];
    expect(await eventsOf(alice)).toEqual(kinds);
    expect(await eventsOf(bob)).toEqual(kinds);
  });

  test("streams hear of edges before people hear of the friendship", async () => {
    const { id } = await alice.request(bob);
    const accepted = await published(() => bob.accept(id, alice));
    expect(accepted.map(({ kind }) => kind)).toEqual(["edges", "friendship", "friendship"]);
    expect(accepted[0]).toEqual({ kind: "edges", userId: alice.userId });
    expect((await published(() => alice.confirm(id, bob)))[0]).toEqual({ kind: "edges", userId: bob.userId });
    const ended = await published(() => bob.unfriend(id, alice));
    expect(ended.map(({ kind }) => kind)).toEqual(["edges", "edges", "entry", "friendship", "friendship"]);
  });

  test("the end takes grants of both directions away and starts the epochs of both", async () => {
    const id = await befriend(alice, bob);
    await befriend(alice, carol);
    await alice.unfriend(id, bob, [carol]);
    const { grants, chains } = relay.unitOfWork.repositories;
    const between = await Promise.all([
      grants.list(alice.userId, { author: bob.userId, after: undefined, first: 10 }),
      grants.list(bob.userId, { author: alice.userId, after: undefined, first: 10 }),
    ]);
    expect(between.flatMap(({ rows }) => rows)).toEqual([]);
    expect((await grants.list(carol.userId, { author: alice.userId, after: undefined, first: 10 })).rows).toMatchObject([{ epoch: 1 }]);
    expect(await chains.find(alice.userId)).toMatchObject({ epoch: 1, rotationDue: false });
    expect(await chains.find(bob.userId)).toMatchObject({ epoch: 0, rotationDue: true });
  });

  test("what was declined, cancelled or ended can begin anew, under a new id", async () => {
    const first = await alice.request(bob);
    await service().decline(bob.viewer, bob.declineRecord(first.id, alice));
    const second = await alice.request(bob);
    await service().cancel(alice.viewer, alice.cancelRecord(second.id, bob));
    const third = await befriend(bob, alice);
    await alice.unfriend(third, bob);
    const fourth = await befriend(alice, bob);
    const [newest] = await service().findNewest(alice.viewer, [bob.userId]);
    expect(newest).toMatchObject({ id: fourth, state: "CONFIRMED" });
  });

  test("either side may end what is accepted and not confirmed", async () => {
    const one = await alice.request(bob);
    await bob.accept(one.id, alice);
    await alice.unfriend(one.id, bob);
    expect(await hasEdge(alice, bob)).toBe(false);
    const two = await alice.request(carol);
    await carol.accept(two.id, alice);
    await carol.unfriend(two.id, alice);
    expect(await hasEdge(alice, carol)).toBe(false);
  });
});

describe("what comes again", () => {
  test("every step answers as before, with one effect", async () => {
    const request = alice.requestRecord(bob);
    const id = fidOf(request);
    const steps: (() => Promise<unknown>)[] = [
      () => service().request(alice.viewer, request),
      repeat((record, grant) => service().accept(bob.viewer, record, grant), bob.acceptRecord(id, alice), bob.grant(alice)),
      repeat((record, grant) => service().confirm(alice.viewer, record, grant), alice.confirmRecord(id, bob), alice.grant(bob)),
    ];
    for (const step of steps) {
      const first = await step();
      const [before, count] = [await relay.dump(), relay.events.length];
      expect(await step()).toEqual(first);
      expect(await relay.dump()).toBe(before);
      expect(relay.events.length).toBe(count);
    }
    const rotation = bob.rotation();
    const input = { record: bob.unfriendRecord(id, alice), entries: [rotation.epoch.bytes], grants: rotation.grants };
    const ended = await service().end(bob.viewer, input);
    const before = await relay.dump();
    expect(await service().end(bob.viewer, input)).toEqual(ended);
    expect(await relay.dump()).toBe(before);
    const other = bob.clone().rotation();
    await expectRefusedUnchanged(relay, () => service().end(bob.viewer, { ...input, entries: [other.epoch.bytes] }), "FRIENDSHIP_STATE");
  });

  function repeat(step: (record: Uint8Array, grant: Uint8Array) => Promise<unknown>, record: Uint8Array, grant: Uint8Array) {
    return () => step(record, grant);
  }
});

describe("a request is refused", () => {
  const request = (author: Author, record: Uint8Array) => () => service().request(author.viewer, record);

  test("to oneself, to nobody, by somebody else, forged or malformed", async () => {
    await expectRefusedUnchanged(relay, request(alice, alice.requestRecord(alice)), "REQUEST_TO_SELF");
    await expectRefusedUnchanged(relay, request(alice, alice.requestRecord(bob, { to: generateBytes(32) })), "USER_NOT_FOUND");
    await expectRefusedUnchanged(relay, request(alice, bob.requestRecord(carol)), "SIGNER_NOT_VIEWER");
    const signed = alice.requestRecord(bob);
    await expectRefusedUnchanged(relay, request(alice, signed.with(200, (signed[200] ?? 0) ^ 1)), "SIGNATURE_INVALID");
    for (const bytes of [new Uint8Array(), signed.subarray(1), generateBytes(226), bob.acceptRecord(generateBytes(32), alice)]) {
      await expectRefusedUnchanged(relay, request(alice, bytes), "BYTES_MALFORMED");
    }
  });

  test("to a user who was disabled", async () => {
    await relay.unitOfWork.repositories.users.setDisabled(bob.userId, relay.clock.ms);
    await expectRefusedUnchanged(relay, request(alice, alice.requestRecord(bob)), "USER_NOT_FOUND");
  });

  test("naming a card that is not in force", async () => {
    for (const change of [{ fromCardHash: generateBytes(32) }, { toCardHash: generateBytes(32) }]) {
      await expectRefusedUnchanged(relay, request(alice, alice.requestRecord(bob, change)), "CARD_STALE");
    }
  });

  test("that ran out, lives for too long, or begins in a far future", async () => {
    const { ms } = relay.clock;
    await expectRefusedUnchanged(relay, request(alice, alice.requestRecord(bob, { createdMs: ms - DAY_MS, expiresMs: ms })), "REQUEST_EXPIRED");
    await expectRefusedUnchanged(relay, request(alice, alice.requestRecord(bob, { createdMs: ms, expiresMs: ms + 31 * DAY_MS })), "BYTES_MALFORMED");
    const ahead = { createdMs: ms + 25 * 3_600_000, expiresMs: ms + 25 * 3_600_000 + 30 * DAY_MS };
    await expectRefusedUnchanged(relay, request(alice, alice.requestRecord(bob, ahead)), "BYTES_MALFORMED");
    const clockOfTomorrow = { createdMs: ms + DAY_MS, expiresMs: ms + 31 * DAY_MS };
    await service().request(alice.viewer, alice.requestRecord(bob, clockOfTomorrow));
  });

  test("when there is one already, and with the other's when that came first", async () => {
    const first = await alice.request(bob);
    await expectRefusedUnchanged(relay, request(alice, alice.requestRecord(bob)), "REQUEST_EXISTS");
    const refusal = await expectRefusedUnchanged(relay, request(bob, bob.requestRecord(alice)), "REQUEST_CROSSED");
    expect(refusal.details).toEqual({ friendship: first });
    await bob.accept(first.id, alice);
    await expectRefusedUnchanged(relay, request(bob, bob.requestRecord(alice)), "REQUEST_EXISTS");
    await alice.confirm(first.id, bob);
    await expectRefusedUnchanged(relay, request(alice, alice.requestRecord(bob)), "REQUEST_EXISTS");
  });
});

describe("a request that ran out", () => {
  test("reads as EXPIRED, cannot be answered, and frees the pair", async () => {
    const { ms } = relay.clock;
    const record = alice.requestRecord(bob, { expiresMs: ms + 1000 });
    const { id } = await service().request(alice.viewer, record);
    relay.clock.ms += 1000;
    expect(await service().find(bob.viewer, id)).toMatchObject({ state: "EXPIRED" });
    expect((await service().listRequests(bob.viewer, { direction: undefined, before: undefined, first: 10 })).rows).toEqual([]);
    await expectRefusedUnchanged(relay, () => bob.accept(id, alice), "REQUEST_EXPIRED");
    await expectRefusedUnchanged(relay, () => service().decline(bob.viewer, bob.declineRecord(id, alice)), "REQUEST_EXPIRED");
    await expectRefusedUnchanged(relay, () => service().cancel(alice.viewer, alice.cancelRecord(id, bob)), "REQUEST_EXPIRED");
    await befriend(bob, alice);
    expect(await service().find(alice.viewer, id)).toMatchObject({ state: "EXPIRED" });
    relay.clock.ms = ms;
  });
});

describe("a step is refused", () => {
  test("to those who are no part of it, as if it did not exist", async () => {
    const { id } = await alice.request(bob);
    await expectRefusedUnchanged(relay, () => carol.accept(id, alice), "FRIENDSHIP_NOT_FOUND");
    await expectRefusedUnchanged(relay, () => bob.accept(generateBytes(32), alice), "FRIENDSHIP_NOT_FOUND");
  });

  test("on the wrong side", async () => {
    const { id } = await alice.request(bob);
    await expectRefusedUnchanged(relay, () => alice.accept(id, bob), "FRIENDSHIP_STATE");
    await expectRefusedUnchanged(relay, () => service().decline(alice.viewer, alice.declineRecord(id, bob)), "FRIENDSHIP_STATE");
    await expectRefusedUnchanged(relay, () => service().cancel(bob.viewer, bob.cancelRecord(id, alice)), "FRIENDSHIP_STATE");
    await bob.accept(id, alice);
    await expectRefusedUnchanged(relay, () => bob.confirm(id, alice), "FRIENDSHIP_STATE");
  });

  test("at the wrong time", async () => {
    const { id } = await alice.request(bob);
    await expectRefusedUnchanged(relay, () => alice.confirm(id, bob), "FRIENDSHIP_STATE");
    await expectRefusedUnchanged(relay, () => alice.unfriend(id, bob), "FRIENDSHIP_STATE");
    await bob.accept(id, alice);
    await expectRefusedUnchanged(relay, () => service().decline(bob.viewer, bob.declineRecord(id, alice)), "FRIENDSHIP_STATE");
    await expectRefusedUnchanged(relay, () => service().cancel(alice.viewer, alice.cancelRecord(id, bob)), "FRIENDSHIP_STATE");
    await alice.confirm(id, bob);
    await bob.unfriend(id, alice);
    await expectRefusedUnchanged(relay, () => alice.unfriend(id, bob), "FRIENDSHIP_STATE");
    const before = await relay.dump();
    expect((await bob.accept(id, alice)).state).toBe("ENDED");
    expect(await relay.dump()).toBe(before);
  });

  test("by a record of another step, another signer, another peer, or forged", async () => {
    const { id } = await alice.request(bob);
    const accept = (record: Uint8Array) => () => service().accept(bob.viewer, record, bob.grant(alice));
    await expectRefusedUnchanged(relay, accept(bob.declineRecord(id, alice)), "BYTES_MALFORMED");
    await expectRefusedUnchanged(relay, accept(alice.requestRecord(bob)), "BYTES_MALFORMED");
    await expectRefusedUnchanged(relay, accept(alice.acceptRecord(id, bob)), "SIGNER_NOT_VIEWER");
    await expectRefusedUnchanged(relay, accept(bob.acceptRecord(id, carol)), "BYTES_MALFORMED");
    await expectRefusedUnchanged(relay, accept(bob.acceptRecord(id, alice, { signerCardHash: generateBytes(32) })), "CARD_STALE");
    await expectRefusedUnchanged(relay, accept(bob.acceptRecord(id, alice, { peerCardHash: generateBytes(32) })), "CARD_STALE");
    const record = bob.acceptRecord(id, alice);
    await expectRefusedUnchanged(relay, accept(record.with(210, (record[210] ?? 0) ^ 1)), "SIGNATURE_INVALID");
  });

  const wrongGrants: [string, ErrorCode, () => Uint8Array][] = [
    ["to somebody else", "GRANT_INVALID", () => bob.grant(carol)],
    ["of another epoch", "GRANT_INVALID", () => bob.grant(alice, { n: 1 })],
    ["of another key", "GRANT_INVALID", () => bob.grant(alice, { commitment: generateBytes(32) })],
    ["by somebody else", "SIGNER_NOT_VIEWER", () => alice.grant(bob)],
    ["of noise", "BYTES_MALFORMED", () => generateBytes(1504)],
  ];
  test.each(wrongGrants)("with a grant %s: %s", async (_, code, make) => {
    const { id } = await alice.request(bob);
    await expectRefusedUnchanged(relay, () => service().accept(bob.viewer, bob.acceptRecord(id, alice), make()), code);
  });

  test("with a grant to a card that its owner has replaced", async () => {
    const { id } = await alice.request(bob);
    const before = bob.grant(alice);
    const { input, adopt } = await createCardChange(relay, alice);
    await relay.services.cards.replace(alice.viewer, input);
    adopt();
    await expectRefusedUnchanged(relay, () => service().accept(bob.viewer, bob.acceptRecord(id, alice), before), "CARD_STALE");
    await bob.accept(id, alice);
  });
});

describe("an end is refused", () => {
  test("without exactly one new epoch behind at most one HEAL", async () => {
    const id = await befriend(alice, bob);
    const { epoch, grants } = alice.rotation();
    const heal = alice.sign(EntryType.HEAL, encodeHealPayload([generateBytes(32)]));
    const record = alice.unfriendRecord(id, bob);
    const end = (entries: Uint8Array[]) => () => service().end(alice.viewer, { record, entries, grants });
    for (const entries of [[], [heal.bytes], [epoch.bytes, heal.bytes], [heal.bytes, heal.bytes, epoch.bytes], [epoch.bytes, epoch.bytes], [alice.thought("x").bytes]]) {
      await expectRefusedUnchanged(relay, end(entries), "ENTRY_INVALID");
    }
  });

  test("with an epoch that began while they were friends, or a grant to the one who leaves", async () => {
    const id = await befriend(alice, bob);
    const old = await alice.rotate([bob]);
    const record = alice.unfriendRecord(id, bob);
    await expectRefusedUnchanged(relay, () => service().end(alice.viewer, { record, entries: [old.epoch.bytes], grants: old.grants }), "ENTRY_INVALID");
    const generous = alice.rotation([bob]);
    await expectRefusedUnchanged(relay, () => service().end(alice.viewer, { record, entries: [generous.epoch.bytes], grants: generous.grants }), "GRANT_INVALID");
  });

  test("with a head that moved, and the friendship goes on", async () => {
    const id = await befriend(alice, bob);
    const late = alice.clone();
    await alice.write("in between");
    await expectRefusedUnchanged(relay, () => late.unfriend(id, bob), "HEAD_STALE");
    expect(await hasEdge(bob, alice)).toBe(true);
    await alice.unfriend(id, bob);
  });

  test("behind a HEAL it is accepted", async () => {
    const id = await befriend(alice, bob);
    const heal = alice.sign(EntryType.HEAL, encodeHealPayload([generateBytes(32)]));
    const record = alice.unfriendRecord(id, bob);
    alice.moveTo(heal);
    const { epoch, grants } = alice.rotation();
    const { entries } = await service().end(alice.viewer, { record, entries: [heal.bytes, epoch.bytes], grants });
    expect(entries.map(({ type }) => type)).toEqual([EntryType.HEAL, EntryType.EPOCH]);
  });
});
