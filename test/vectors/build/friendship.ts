import {
  createAccept,
  createCancel,
  createConfirm,
  createDecline,
  createFriendRequest,
  createUnfriend,
  friendshipIdOf,
  sign,
  type FriendshipRecordInput,
} from "../../../src/crypto/index.ts";
import {
  concatBytes,
  encodeFriendshipRecord,
  FriendshipRecordType,
  parseFriendRequest,
  u8,
  type FriendRequestFields,
  type FriendshipRecordFields,
  type SignLabel,
} from "../../../src/protocol/index.ts";
import { fromHex, toHex } from "../hex.ts";
import type { Vector } from "../vector.ts";
import { CREATED_MS, bytesFor, filled, owner, person, withByte, withNextCard, withPart, type Person } from "./material.ts";
import { Topic } from "./topic.ts";

type Expect = Vector["expect"];

const THIRTY_DAYS_MS = 30 * 24 * 60 * 60 * 1000;
const creators = { acc: createAccept, conf: createConfirm, unf: createUnfriend, dec: createDecline, can: createCancel };
type RecordLabel = keyof typeof creators;

function requestFields(from: Person, to: Person): FriendRequestFields {
  const times = { createdMs: CREATED_MS, expiresMs: CREATED_MS + THIRTY_DAYS_MS };
  return { from: from.userId, to: to.userId, fromCardHash: from.cardHash, toCardHash: to.cardHash, requestId: bytesFor("request", 16), ...times };
}

function request(from: Person, to: Person, changes: Partial<FriendRequestFields> = {}): Uint8Array {
  return createFriendRequest({ ...requestFields(from, to), ...changes, signSecretKey: from.identity.sign.secretKey });
}

/** These 162 bytes, signed by somebody under a label. */
const signRecord = (signer: Person, label: SignLabel, record: Uint8Array): Uint8Array => concatBytes(record, sign(signer.identity.sign.secretKey, label, record));

export function buildFriendships(): Topic {
  const topic = new Topic("friendship", "§5");
  addRequests(topic);
  addRecords(topic);
  addAnswers(topic);
  return topic;
}

function addRequests(topic: Topic): void {
  const [alice, bob, eve] = [person("alice"), person("bob"), person("eve")];
  const { from, to, fromCardHash, toCardHash, requestId, ...times } = requestFields(alice, bob);
  topic.add("create-friend-request", "create-request", "ok", "a REQUEST holds no key and no note", {
    ...times,
    from: toHex(from),
    to: toHex(to),
    fromCardHash: toHex(fromCardHash),
    toCardHash: toHex(toCardHash),
    requestId: toHex(requestId),
    signSeed: toHex(alice.seeds.signSeed),
  });
  const add = (id: string, expect: Expect, description: string, bytes: Uint8Array, by = alice) =>
    topic.add("verify-friend-request", `request-${id}`, expect, description, { from: owner(by), record: toHex(bytes) });
  const signed = request(alice, bob);
  const record = signed.subarray(0, 162);
  add("thirty-days", "ok", "a life of exactly 30 days", signed);
  add("one-millisecond", "ok", "a life of a millisecond", request(alice, bob, { expiresMs: CREATED_MS + 1 }));
  add("longer-life", "bad-record", "a life of 30 days and a millisecond", request(alice, bob, { expiresMs: CREATED_MS + THIRTY_DAYS_MS + 1 }));
  add("no-life", "bad-record", "a life of nothing", request(alice, bob, { expiresMs: CREATED_MS }));
  add("ends-before-it-begins", "bad-record", "a life that ends before it begins", request(alice, bob, { expiresMs: CREATED_MS - 1 }));
  add("to-oneself", "bad-record", "a request to oneself", request(alice, alice));
  add("time-too-large", "bad-value", "an end of 2^53", signRecord(alice, "req", withPart(record, 154, fromHex("0020000000000000"))));
  add("empty", "bad-length", "no bytes", new Uint8Array());
  add("truncated", "bad-length", "225 bytes", signed.subarray(0, -1));
  add("longer", "bad-length", "227 bytes", concatBytes(signed, u8(0)));
  add("version", "unknown-version", "version 2, well signed", signRecord(alice, "req", withPart(record, 0, u8(2))));
  add("type", "bad-type", "an ACCEPT's type, well signed", signRecord(alice, "req", withPart(record, 1, u8(2))));
  add("forged", "bad-sig", "a request in alice's name that eve signed", createFriendRequest({ ...requestFields(alice, bob), signSecretKey: eve.identity.sign.secretKey }));
  add("other-label", "bad-sig", "signed under acc", signRecord(alice, "acc", record));
  add("changed", "bad-sig", "another person to be friends with", withByte(signed, 40));
  add("other-person", "bad-author", "eve's request", request(eve, bob));
  add("other-card", "bad-card", "a card that is not in force", request(alice, bob, { fromCardHash: withNextCard(alice, "alice 2").cardHash }));
}

/** What a person says to another about the friendship that alice asked bob for. */
function recordFields(signer: Person, peer: Person): FriendshipRecordInput {
  return {
    fid: friendshipIdOf(parseFriendRequest(request(person("alice"), person("bob")))),
    signer: signer.userId,
    signerCardHash: signer.cardHash,
    peer: peer.userId,
    peerCardHash: peer.cardHash,
    signSecretKey: signer.identity.sign.secretKey,
  };
}

function addRecords(topic: Topic): void {
  const [alice, bob, eve] = [person("alice"), person("bob"), person("eve")];
  const add = (id: string, expect: Expect, description: string, bytes: Uint8Array, by = bob) =>
    topic.add("verify-friendship-record", `record-${id}`, expect, description, { signer: owner(by), record: toHex(bytes) });
  const accept = createAccept(recordFields(bob, alice));
  const record = accept.subarray(0, 162);
  add("empty", "bad-length", "no bytes", new Uint8Array());
  add("truncated", "bad-length", "225 bytes", accept.subarray(0, -1));
  add("longer", "bad-length", "227 bytes", concatBytes(accept, u8(0)));
  add("version", "unknown-version", "version 2, well signed", signRecord(bob, "acc", withPart(record, 0, u8(2))));
  add("type-1", "bad-type", "a REQUEST's type", signRecord(bob, "req", withPart(record, 1, u8(1))));
  add("type-7", "bad-type", "a type that does not exist", signRecord(bob, "acc", withPart(record, 1, u8(7))));
  add("request", "bad-type", "a REQUEST where a later record is expected", request(alice, bob), alice);
  add("with-oneself", "bad-record", "a record about oneself", createAccept(recordFields(bob, bob)));
  add("forged", "bad-sig", "an ACCEPT in bob's name that eve signed", createAccept({ ...recordFields(bob, alice), signSecretKey: eve.identity.sign.secretKey }));
  add("changed-signature", "bad-sig", "a bit of the signature changed", withByte(accept, -1));
  add("changed-fid", "bad-sig", "another friendship", withByte(accept, 2));
  add("other-signer", "bad-author", "eve's ACCEPT", createAccept(recordFields(eve, alice)));
  add("other-card", "bad-card", "a card that is not in force", createAccept({ ...recordFields(bob, alice), signerCardHash: withNextCard(bob, "bob 2").cardHash }));

  const types: Record<RecordLabel, FriendshipRecordType> = {
    acc: FriendshipRecordType.ACCEPT,
    conf: FriendshipRecordType.CONFIRM,
    unf: FriendshipRecordType.UNFRIEND,
    dec: FriendshipRecordType.DECLINE,
    can: FriendshipRecordType.CANCEL,
  };
  const wrong: [RecordLabel, SignLabel][] = [["acc", "conf"], ["conf", "acc"], ["unf", "can"], ["dec", "unf"], ["can", "dec"], ["acc", "req"]];
  for (const [label, other] of wrong) {
    const fields: FriendshipRecordFields = { ...recordFields(bob, alice), type: types[label] };
    add(`${label}-under-${other}`, "bad-sig", `a record of type ${types[label]} signed under ${other}`, signRecord(bob, other, encodeFriendshipRecord(fields)));
  }
}

function addAnswers(topic: Topic): void {
  const [alice, bob, eve] = [person("alice"), person("bob"), person("eve")];
  const asked = request(alice, bob);
  const add = (id: string, expect: Expect, description: string, signer: Person, record: Uint8Array) =>
    topic.add("verify-friendship-record", `answer-${id}`, expect, description, { signer: owner(signer), record: toHex(record), request: toHex(asked) });
  const rights: [RecordLabel, string, Expect, Expect][] = [
    ["acc", "ACCEPT", "bad-record", "ok"],
    ["conf", "CONFIRM", "ok", "bad-record"],
    ["unf", "UNFRIEND", "ok", "ok"],
    ["dec", "DECLINE", "bad-record", "ok"],
    ["can", "CANCEL", "ok", "bad-record"],
  ];
  for (const [label, name, byAlice, byBob] of rights) {
    const create = creators[label];
    add(`${label}-by-asker`, byAlice, `a ${name} by the person who asked`, alice, create(recordFields(alice, bob)));
    add(`${label}-by-asked`, byBob, `a ${name} by the person who was asked`, bob, create(recordFields(bob, alice)));
  }
  add("later-cards", "ok", "an UNFRIEND under cards that came after the request", withNextCard(bob, "bob 2"), createUnfriend(recordFields(withNextCard(bob, "bob 2"), alice)));
  const replayed = { ...recordFields(bob, alice), fid: friendshipIdOf(parseFriendRequest(request(alice, bob, { requestId: filled(16, 1) }))) };
  add("replayed-unfriend", "bad-record", "an UNFRIEND of an earlier friendship of the same two", bob, createUnfriend(replayed));
  add("replayed-accept", "bad-record", "an ACCEPT of an earlier request", bob, createAccept(replayed));
  add("stranger", "bad-record", "an UNFRIEND by somebody else", eve, createUnfriend(recordFields(eve, alice)));
  add("stranger-accept", "bad-record", "an ACCEPT by somebody else", eve, createAccept(recordFields(eve, alice)));
  const unsigned = withByte(createAccept(recordFields(alice, bob)), -1);
  add("order-signature-first", "bad-sig", "not signed and by the wrong side: the signature is looked at first", alice, unsigned);
  add("other-peer", "bad-record", "an UNFRIEND that means somebody else", bob, createUnfriend(recordFields(bob, eve)));
}
