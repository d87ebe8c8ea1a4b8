import { beforeAll, describe, expect, it } from "vitest";
import {
  createAccept,
  createCancel,
  createConfirm,
  createDecline,
  createUnfriend,
  demandAnswerTo,
  friendshipIdOf,
  ready,
  verifyFriendRequest,
  verifyFriendshipRecord,
} from "../../src/crypto/index.ts";
import { FriendshipRecordType, parseFriendRequest, parseFriendshipRecord } from "../../src/protocol/index.ts";
import { filled, withByte } from "./support/bytes.ts";
import { createPerson, withNextCard, type Person } from "./support/person.ts";
import { expectRefusal, refusalOf } from "./support/refusal.ts";
import { recordInput, signRequest } from "./support/samples.ts";

beforeAll(ready);

function begin() {
  const [alice, bob] = [createPerson(), createPerson()];
  const bytes = signRequest(alice, bob);
  return { alice, bob, bytes, request: parseFriendRequest(bytes) };
}

describe("a request", () => {
  it("names both people and both cards, and is signed by who asks", () => {
    const { alice, bob, bytes } = begin();
    expect(verifyFriendRequest(alice, bytes)).toMatchObject({
      from: alice.userId,
      to: bob.userId,
      fromCardHash: alice.cardHash,
      toCardHash: bob.cardHash,
    });
  });

  it("begins a friendship with a fresh id each time", () => {
    const { alice, bob, request } = begin();
    const again = parseFriendRequest(signRequest(alice, bob));
    expect(friendshipIdOf(again)).not.toStrictEqual(friendshipIdOf(request));
    expect(friendshipIdOf(request)).toHaveLength(32);
  });

  it("is refused with any byte changed", () => {
    const { alice, bytes } = begin();
    for (let index = 0; index < bytes.length; index += 1) refusalOf(() => verifyFriendRequest(alice, withByte(bytes, index)));
  });

  it("is refused from somebody else, or with another card than the one in force", () => {
    const { alice, bob, bytes } = begin();
    expectRefusal("bad-author", () => verifyFriendRequest(bob, bytes));
    expectRefusal("bad-card", () => verifyFriendRequest(withNextCard(alice), bytes));
    const eve = createPerson();
    const forged = signRequest({ ...alice, identity: eve.identity }, bob);
    expectRefusal("bad-sig", () => verifyFriendRequest(alice, forged));
    expectRefusal("bad-card", () => verifyFriendRequest(alice, signRequest({ ...eve, userId: alice.userId }, bob)));
  });
});

const RECORDS = [
  ["ACCEPT", createAccept, FriendshipRecordType.ACCEPT],
  ["CONFIRM", createConfirm, FriendshipRecordType.CONFIRM],
  ["UNFRIEND", createUnfriend, FriendshipRecordType.UNFRIEND],
  ["DECLINE", createDecline, FriendshipRecordType.DECLINE],
  ["CANCEL", createCancel, FriendshipRecordType.CANCEL],
] as const;

describe.each(RECORDS)("%s", (_, create, type) => {
  it("names the friendship and both cards, and is signed by its signer", () => {
    const { alice, bob, bytes, request } = begin();
    const record = verifyFriendshipRecord(bob, create(recordInput(bytes, bob, alice)));
    expect(record).toMatchObject({ type, fid: friendshipIdOf(request), signer: bob.userId, peer: alice.userId });
    expect(record).toMatchObject({ signerCardHash: bob.cardHash, peerCardHash: alice.cardHash });
  });

  it("is refused with any byte changed, from somebody else, and with another card", () => {
    const { alice, bob, bytes } = begin();
    const record = create(recordInput(bytes, bob, alice));
    for (let index = 0; index < record.length; index += 5) refusalOf(() => verifyFriendshipRecord(bob, withByte(record, index)));
    expectRefusal("bad-author", () => verifyFriendshipRecord(alice, record));
    expectRefusal("bad-card", () => verifyFriendshipRecord(withNextCard(bob), record));
    const forged = create(recordInput(bytes, { ...bob, identity: alice.identity }, alice));
    expectRefusal("bad-sig", () => verifyFriendshipRecord(bob, forged));
  });
});

describe("an answer", () => {
  const BY_ASKED = ["ACCEPT", "DECLINE", "UNFRIEND"];
  const BY_ASKER = ["CONFIRM", "CANCEL", "UNFRIEND"];

  it.each(RECORDS)("%s comes from the right side", (name, create) => {
    const { alice, bob, bytes, request } = begin();
    const answer = (signer: Person, peer: Person) => () => {
      demandAnswerTo(request, parseFriendshipRecord(create(recordInput(bytes, signer, peer))));
      return "accepted";
    };
    const check = (isAllowed: boolean, step: () => string) =>
      isAllowed ? expect(step()).toBe("accepted") : expectRefusal("bad-record", step);
    check(BY_ASKED.includes(name), answer(bob, alice));
    check(BY_ASKER.includes(name), answer(alice, bob));
  });

  it("is about this friendship and these two people", () => {
    const { alice, bob, bytes, request } = begin();
    const eve = createPerson();
    const of = (change: object, signer = bob, peer = alice) =>
      parseFriendshipRecord(createUnfriend({ ...recordInput(bytes, signer, peer), ...change }));
    expectRefusal("bad-record", () => demandAnswerTo(request, of({ fid: filled(32, 1) })));
    expectRefusal("bad-record", () => demandAnswerTo(request, of({}, eve, alice)));
    expectRefusal("bad-record", () => demandAnswerTo(request, of({}, bob, eve)));
    expectRefusal("bad-record", () => demandAnswerTo(request, of({}, alice, eve)));
  });
});
