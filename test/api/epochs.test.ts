import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { generateBytes, openGrant } from "../../src/crypto/index.ts";
import type { ErrorCode } from "../../src/domain/domain-error.ts";
import { encodeBeaconPayload, encodeHealPayload, EntryType, EpochReason, GrantKind } from "../../src/protocol/index.ts";
import { type Author, befriend, createAuthor } from "../support/author.ts";
import { expectRefusedUnchanged } from "../support/refusals.ts";
import { createTestRelay, type TestRelay } from "../support/test-relay.ts";

let relay: TestRelay;
let alice: Author;
let bob: Author;
beforeAll(async () => {
  relay = await createTestRelay();
});
afterAll(() => relay.close());
beforeEach(async () => {
  [alice, bob] = await Promise.all([createAuthor(relay), createAuthor(relay)]);
});

const append = (author: Author, entries: Uint8Array[], grants: Uint8Array[] = []) => relay.services.chains.append(author.viewer, entries, grants);
const grantsFrom = async (author: Author, recipient: Author) =>
  (await relay.services.grants.list(recipient.viewer, { author: author.userId, after: undefined, first: 100 })).rows;
const missing = (author: Author) => relay.services.grants.listMissing(author.viewer, 100);

describe("a new epoch", () => {
  test("brings its grants, and of kind HISTORY only the newest stays", async () => {
    await befriend(alice, bob);
    const rotation = await alice.rotate([bob]);
    const [grant, ...older] = await grantsFrom(alice, bob);
    expect(older).toEqual([]);
    expect(grant).toMatchObject({ epoch: 1, kind: GrantKind.HISTORY });
    const { identity, userId, cardHash } = bob.person;
    const author = { userId: alice.userId, card: alice.person.card };
    const opened = openGrant({
      grantBytes: grant?.bytes ?? new Uint8Array(),
      recipient: { userId, identity, cardHash },
      author,
      epoch: { n: 1, commitment: rotation.commitment, thoughtCommitment: await thoughtCommitment(alice) },
    });
    expect(opened.key).toEqual(rotation.key);
    expect(await grantsFrom(alice, alice)).toHaveLength(1);
    expect(await missing(alice)).toEqual([]);
  });

  async function thoughtCommitment(author: Author): Promise<Uint8Array> {
    return (await relay.unitOfWork.repositories.chains.find(author.userId))?.thoughtCommitment ?? new Uint8Array();
  }

  test("may leave friends out; they are named until they have a grant", async () => {
    await befriend(alice, bob);
    const carol = await createAuthor(relay);
    await befriend(carol, alice);
    await alice.rotate([carol]);
    expect(await missing(alice)).toEqual([{ recipient: bob.userId, asked: false }]);
    expect(await relay.services.grants.store(alice.viewer, [alice.grant(bob)])).toBe(1);
    expect(await missing(alice)).toEqual([]);
  });

  test("travels behind the HEAL of what the device gave up, and comes again without a second effect", async () => {
    const heal = alice.sign(EntryType.HEAL, encodeHealPayload([generateBytes(32)]));
    const beacon = (author: Author) => author.sign(EntryType.BEACON, encodeBeaconPayload([]));
    alice.moveTo(heal);
    const rotation = alice.rotation();
    const first = await append(alice, [heal.bytes, rotation.epoch.bytes], rotation.grants);
    expect(first.entries.map(({ type }) => type)).toEqual([EntryType.HEAL, EntryType.EPOCH]);
    expect(first.head).toMatchObject({ seq: rotation.epoch.seq, epoch: 1 });
    alice.adopt(rotation);
    await append(alice, [beacon(alice).bytes]);

    const before = await relay.dump();
    const again = await append(alice, [heal.bytes, rotation.epoch.bytes], rotation.grants);
    expect(again.entries.map(({ receipt }) => receipt)).toEqual(first.entries.map(({ receipt }) => receipt));
    expect(await relay.dump()).toBe(before);
  });

  test("also ends the wait that a friend's leaving began", async () => {
    const fid = await befriend(alice, bob);
    await bob.unfriend(fid, alice);
    expect(await relay.unitOfWork.repositories.chains.find(alice.userId)).toMatchObject({ rotationDue: true });
    await alice.rotate();
    expect(await relay.unitOfWork.repositories.chains.find(alice.userId)).toMatchObject({ rotationDue: false });
  });

  const broken: [string, ErrorCode, (author: Author, stranger: Author) => { entries: Uint8Array[]; grants: Uint8Array[] }][] = [
    ["without a grant to oneself", "GRANT_INVALID", (author) => ({ entries: [author.rotation().epoch.bytes], grants: [] })],
    ["with a grant to a stranger", "GRANT_INVALID", (author, stranger) => toAppend(author.rotation([stranger]))],
    ["with two grants to one", "GRANT_INVALID", (author) => toAppend(author.rotation([author]))],
    ["with a grant of the epoch before", "GRANT_INVALID", (author) => ({ ...toAppend(author.rotation()), grants: [author.grant(author)] })],
    [
      "with a grant of another key",
      "GRANT_INVALID",
      (author) => ({ ...toAppend(author.rotation()), grants: [author.grant(author, { n: 1, commitment: generateBytes(32) })] }),
    ],
    ["with somebody else's grant", "SIGNER_NOT_VIEWER", (author, stranger) => ({ ...toAppend(author.rotation()), grants: stranger.rotation([author]).grants })],
    ["with a malformed grant", "BYTES_MALFORMED", (author) => ({ ...toAppend(author.rotation()), grants: [generateBytes(1504)] })],
    [
      "with a grant whose seal was changed",
      "SIGNATURE_INVALID",
      (author) => {
        const { entries, grants } = toAppend(author.rotation());
        return { entries, grants: grants.map((grant) => grant.with(700, (grant[700] ?? 0) ^ 1)) };
      },
    ],
    ["that names another vault version", "VAULT_INVALID", (author) => toAppend(author.rotation([], { vaultMin: 2 }))],
    ["with the reason of a card change", "EPOCH_STALE", (author) => toAppend(author.rotation([], { reason: EpochReason.CARD_CHANGED }))],
    ["that skips one", "EPOCH_STALE", (author) => toAppend(author.rotation([], { place: { epoch: 2 } }))],
    ["beside a second one", "ENTRY_INVALID", (author) => twoEpochs(author)],
    ["that is none, but has grants", "GRANT_INVALID", (author) => ({ entries: [author.sign(EntryType.BEACON, encodeBeaconPayload([])).bytes], grants: [author.grant(author)] })],
    ["that is a thought", "ENTRY_INVALID", (author) => ({ entries: [author.thought("x").bytes], grants: [] })],
    ["that is a tombstone", "ENTRY_INVALID", (author) => ({ entries: [author.tombstone(generateBytes(32)).bytes], grants: [] })],
    ["that is missing", "ENTRY_INVALID", () => ({ entries: [], grants: [] })],
    ["among too many entries", "SIZE_EXCEEDED", (author) => ({ entries: Array<Uint8Array>(9).fill(author.rotation().epoch.bytes), grants: [] })],
    ["among too many grants", "SIZE_EXCEEDED", (author) => ({ ...toAppend(author.rotation()), grants: Array<Uint8Array>(1002).fill(author.grant(author)) })],
    ["behind a CARD, which brings more than an epoch", "ENTRY_INVALID", (author) => behindCard(author)],
  ];
  test.each(broken)("%s is refused with %s, and nothing changes", async (_, code, make) => {
    const { entries, grants } = make(alice, bob);
    await expectRefusedUnchanged(relay, () => append(alice, entries, grants), code);
    await alice.rotate();
  });

  test("is refused whole when its last entry is: nothing of it is stored", async () => {
    const heal = alice.sign(EntryType.HEAL, encodeHealPayload([generateBytes(32)]));
    const stale = alice.rotation();
    await expectRefusedUnchanged(relay, () => append(alice, [heal.bytes, stale.epoch.bytes], stale.grants), "HEAD_STALE");
  });
});

function toAppend({ epoch, grants }: { epoch: { bytes: Uint8Array }; grants: Uint8Array[] }) {
  return { entries: [epoch.bytes], grants };
}

function behindCard(author: Author) {
  const { card, rotation } = author.cardChange();
  return { entries: [card.bytes, rotation.epoch.bytes], grants: rotation.grants };
}

function twoEpochs(author: Author) {
  const ahead = author.clone();
  const first = ahead.rotation();
  ahead.adopt(first);
  const second = ahead.rotation();
  return { entries: [first.epoch.bytes, second.epoch.bytes], grants: second.grants };
}

describe("grants", () => {
  const store = (author: Author, grants: Uint8Array[]) => relay.services.grants.store(author.viewer, grants);

  test("a friend who asks is named, told when the grant comes, and asked for once", async () => {
    await befriend(alice, bob);
    const asked = await relay.services.grants.ask(bob.viewer, alice.userId);
    expect(asked).toMatchObject({ requester: alice.userId, accepter: bob.userId });
    const before = await relay.dump();
    await relay.services.grants.ask(bob.viewer, alice.userId);
    expect(await relay.dump()).toBe(before);
    expect(await missing(alice)).toEqual([{ recipient: bob.userId, asked: true }]);
    expect(relay.events.at(-1)).toMatchObject({ kind: "friendship", userId: alice.userId });

    const grant = alice.grant(bob);
    await store(alice, [grant]);
    expect(await missing(alice)).toEqual([]);
    expect(relay.events.at(-1)).toMatchObject({ kind: "friendship", userId: bob.userId });
    const [after, published] = [await relay.dump(), relay.events.length];
    await store(alice, [grant]);
    expect(await relay.dump()).toBe(after);
    expect(relay.events.length).toBe(published);
  });

  test("of one epoch stay for every epoch, beside the newest of history", async () => {
    await befriend(alice, bob);
    await store(alice, [alice.grant(bob, { kind: GrantKind.EPOCH_ONLY })]);
    await alice.rotate();
    await store(alice, [alice.grant(bob, { kind: GrantKind.EPOCH_ONLY })]);
    const kinds = (await grantsFrom(alice, bob)).map(({ kind, epoch }) => [kind, epoch]);
    expect(kinds).toEqual([[1, 0], [2, 0], [2, 1]]);
    const paged = await relay.services.grants.list(bob.viewer, { author: undefined, after: { author: alice.userId, kind: 1, epoch: 0 }, first: 1 });
    expect(paged).toMatchObject({ rows: [{ kind: 2, epoch: 0 }], hasMore: true });
  });

  test("are refused unless they are the author's own, of the epoch in force, to a reader", async () => {
    const fid = await befriend(alice, bob);
    const stranger = await createAuthor(relay);
    await expectRefusedUnchanged(relay, () => store(alice, []), "GRANT_INVALID");
    await expectRefusedUnchanged(relay, () => store(alice, [alice.grant(stranger)]), "GRANT_INVALID");
    await expectRefusedUnchanged(relay, () => store(alice, [bob.grant(alice)]), "SIGNER_NOT_VIEWER");
    await expectRefusedUnchanged(relay, () => store(alice, [alice.grant(bob, { n: 1 })]), "GRANT_INVALID");
    await expectRefusedUnchanged(relay, () => relay.services.grants.ask(stranger.viewer, alice.userId), "FRIENDSHIP_NOT_FOUND");
    await bob.unfriend(fid, alice);
    await expectRefusedUnchanged(relay, () => store(alice, [alice.grant(bob)]), "GRANT_INVALID");
    await expectRefusedUnchanged(relay, () => relay.services.grants.ask(bob.viewer, alice.userId), "FRIENDSHIP_NOT_FOUND");
    expect(await grantsFrom(alice, bob)).toEqual([]);
  });
});
