import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import type { Account } from "../../src/client/index.ts";
import { createEpochPayload } from "../../src/crypto/index.ts";
import { concatBytes, encodeEpochPayload, encodeTombstonePayload, EntryType, EpochReason, HASH_BYTES, SIGNED_HEADER_BYTES, u16, u32, u8 } from "../../src/protocol/index.ts";
import { textsOf } from "../scenario/support.ts";
import type { Signed } from "../support/author.ts";
import { write } from "../support/lawful-inputs.ts";
import type { Member } from "../support/member.ts";
import { befriendAccomplice, entryNode, isNewer, rewriteChain, signAgain } from "./harness/accomplice.ts";
import { createStage } from "./harness/attack.ts";
import type { Scene } from "./harness/scene.ts";
import { share } from "./harness/share.ts";

// A false friend signs, and the relay delivers, what no honest client would write.
const attack = createStage();

interface Cast {
  alice: Account;
  mallory: Member;
}

// What is forged is not stored: most attacks meet the same two.
const cast = share(meet);

async function meet(scene: Scene): Promise<Cast> {
  const alice = await scene.register("alice");
  const mallory = await scene.accomplice();
  await write(scene.stage.relay, mallory, "lawful");
  await befriendAccomplice(scene, alice, mallory);
  return { alice, mallory };
}

const TYPE = 1;
const SEQ = 34;

/** What the accomplice appends in the relay's answer, and how the reader refuses it. */
const entries: [name: string, refusal: string, forge: (mallory: Member) => Signed | Signed[]][] = [
  ["an entry of an unknown version", "unknown-version", (mallory) => changed(mallory, (header) => header.writeUInt8(2, 0))],
  ["an entry cut short", "bad-length", ({ hand }) => cut(hand.thought("cut"), SIGNED_HEADER_BYTES - 1)],
  ["an entry with bytes behind its payload", "bad-length", ({ hand }) => withBytes(hand.thought("long"), (bytes) => concatBytes(bytes, u8(0)))],
  ["a position beyond what numbers hold", "bad-value", (mallory) => changed(mallory, (header) => header.writeUInt8(0x20, SEQ + 1))],
  ["an entry of an unknown type", "bad-type", (mallory) => changed(mallory, (header) => header.writeUInt8(9, TYPE))],
  ["a reserved revocation", "bad-type", ({ hand }) => hand.sign(EntryType.REVOKE, randomBytes(40))],
  ["a thought outside of all buckets", "bad-length", ({ hand }) => hand.sign(EntryType.THOUGHT, randomBytes(400))],
  ["a thought larger than any may be", "bad-length", ({ hand }) => hand.sign(EntryType.THOUGHT, randomBytes(73 + 131_072))],
  ["a tombstone of half a hash", "bad-length", ({ hand }) => hand.sign(EntryType.TOMBSTONE, randomBytes(16))],
  ["a HEAL of half a hash", "bad-length", ({ hand }) => hand.sign(EntryType.HEAL, concatBytes(u8(1), randomBytes(16)))],
  ["a HEAL of nothing", "bad-value", ({ hand }) => hand.sign(EntryType.HEAL, new Uint8Array(1 + HASH_BYTES))],
  ["a HEAL without a hash", "bad-length", ({ hand }) => hand.sign(EntryType.HEAL, u8(0))],
  ["a HEAL that counts too few", "bad-length", ({ hand }) => hand.sign(EntryType.HEAL, concatBytes(u8(1), randomBytes(2 * HASH_BYTES)))],
  ["a beacon of half an observation", "bad-length", ({ hand }) => hand.sign(EntryType.BEACON, concatBytes(u8(1), randomBytes(50)))],
  ["a beacon with bytes behind its observation", "bad-length", ({ hand }) => hand.sign(EntryType.BEACON, concatBytes(u8(1), randomBytes(101 + 50)))],
  ["a beacon that counts too few", "bad-length", ({ hand }) => hand.sign(EntryType.BEACON, concatBytes(u8(0), randomBytes(101)))],
  ["a card of another length", "bad-length", ({ hand }) => hand.sign(EntryType.CARD, randomBytes(1000))],
  ["an epoch of another length", "bad-length", ({ hand }) => hand.sign(EntryType.EPOCH, randomBytes(100), { epoch: 1 })],
  ["an epoch that skips a number", "bad-epoch", ({ hand }) => epochOf(hand, { n: 2, header: 2 })],
  ["an epoch whose payload says another number", "bad-epoch", ({ hand }) => epochOf(hand, { n: 2, header: 1 })],
  ["an epoch for a changed card without one", "bad-epoch", ({ hand }) => hand.rotation([], { reason: EpochReason.CARD_CHANGED }).epoch],
  ["an epoch of an unknown reason", "bad-value", ({ hand }) => epochOf(hand, { n: 1, header: 1, change: (payload) => payload.writeUInt8(7, 72) })],
  ["a later epoch with the reason of the first", "bad-epoch", ({ hand }) => epochOf(hand, { n: 1, header: 1, change: (payload) => payload.writeUInt8(EpochReason.FIRST, 72) })],
  ["an epoch without a link to the one before", "bad-length", ({ hand }) => hand.sign(EntryType.EPOCH, concatBytes(u32(1), randomBytes(2 * HASH_BYTES), u32(1), u8(EpochReason.ANY), u16(0)), { epoch: 1 })],
  ["a first epoch with bytes behind it", "bad-length", ({ hand }) => hand.sign(EntryType.EPOCH, concatBytes(u32(0), randomBytes(2 * HASH_BYTES), u32(1), u8(EpochReason.FIRST), u16(0), randomBytes(105)), { epoch: 1 })],
  ["a first card in the middle of a chain", "bad-card", ({ hand }) => hand.sign(EntryType.CARD, hand.person.card.bytes)],
  ["a thought between a new card and its epoch", "bad-epoch", ({ hand }) => thoughtAfterCard(hand)],
  ["a thought of an epoch to come", "bad-epoch", ({ hand }) => hand.thought("tomorrow", { epoch: 1 })],
  ["an entry that leaves a place out", "bad-seq", ({ hand }) => hand.thought("later", { seq: hand.head.seq + 2 })],
  ["an entry that is linked to nothing", "bad-prev", ({ hand }) => hand.thought("unlinked", { prev: randomBytes(HASH_BYTES) })],
  ["a second entry at the place of the head: a fork", "fork", ({ hand }) => hand.thought("instead", { seq: hand.head.seq })],
  ["an entry in somebody else's name", "bad-author", ({ hand }) => hand.thought("not mine", { author: randomBytes(HASH_BYTES) })],
  ["an entry by a card that is not in force", "bad-signer", ({ hand }) => hand.thought("old card", { signerCard: randomBytes(HASH_BYTES) })],
  ["a tombstone without its payload", "bad-type", ({ hand }) => cut(hand.tombstone(randomBytes(HASH_BYTES)), SIGNED_HEADER_BYTES)],
  ["a thought without its text and without a tombstone", "bad-target", ({ hand }) => cut(hand.thought("gone"), SIGNED_HEADER_BYTES)],
  ["a text that is gone, and a tombstone of another", "bad-target", ({ hand }) => tombstoneOfAnother(hand)],
];

for (const [name, refusal, forge] of entries) {
  attack(name, { refusal }, async (scene) => {
    const { alice, mallory } = await cast.meet(scene);
    const forged = [forge(atTheSamePlace(mallory))].flat().map((signed) => entryNode(scene, mallory.userId, signed));
    rewriteChain(scene, mallory, isNewer, (nodes) => [...nodes, ...forged]);
    await scene.refused(scene.alarmAtOnce(await scene.login(alice)));
    await scene.honest(async () => expect(await textsOf(await scene.loginHonestly(alice), mallory.username)).toEqual(["lawful"]));
    // What was believed before the refusal is pinned in Alice's vault now.
    if (forged.length > 1 || refusal === "bad-target") cast.forget();
  });
}

attack("a beacon that no client can read, to keep a friend from signing in", { refusal: "SIGNED_IN" }, async (scene) => {
  const { alice, mallory } = await cast.meet(scene);
  const beacon = mallory.hand.sign(EntryType.BEACON, concatBytes(u8(0), randomBytes(101)));
  rewriteChain(scene, mallory, isNewer, (nodes) => [...nodes, entryNode(scene, mallory.userId, beacon)]);
  await scene.refused(scene.login(alice).then(() => "SIGNED_IN"));
  await scene.honest(async () => expect(await textsOf(await scene.loginHonestly(alice), mallory.username)).toEqual(["lawful"]));
});

type Hand = Member["hand"];

/** What is forged moves the hand of a copy. */
function atTheSamePlace(mallory: Member): Member {
  return { ...mallory, hand: mallory.hand.clone() };
}

function changed(mallory: Member, change: (header: Buffer) => void): Signed {
  return withBytes(mallory.hand.thought("changed"), (bytes) => signAgain(mallory, bytes, change));
}

function withBytes(signed: Signed, change: (bytes: Uint8Array) => Uint8Array): Signed {
  return { ...signed, bytes: change(signed.bytes) };
}

function cut(signed: Signed, length: number): Signed {
  return withBytes(signed, (bytes) => bytes.slice(0, length));
}

function epochOf(hand: Hand, { n, header, change }: { n: number; header: number; change?: (payload: Buffer) => void }): Signed {
  const epoch = createEpochPayload({ author: hand.userId, n, key: randomBytes(32), previousKey: hand.key, vaultMin: 1, reason: EpochReason.ANY });
  const payload = Buffer.from(encodeEpochPayload(epoch));
  change?.(payload);
  return hand.sign(EntryType.EPOCH, payload, { epoch: header });
}

function thoughtAfterCard(hand: Hand): Signed[] {
  const { card, rotation, adopt } = hand.cardChange();
  adopt();
  hand.moveTo(card);
  return [card, hand.thought("in between", { epoch: rotation.n - 1 })];
}

function tombstoneOfAnother(hand: Hand): Signed[] {
  const thought = hand.thought("gone");
  hand.moveTo(thought);
  return [cut(thought, SIGNED_HEADER_BYTES), hand.sign(EntryType.TOMBSTONE, encodeTombstonePayload(randomBytes(HASH_BYTES)))];
}
