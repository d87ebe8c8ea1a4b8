import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import type { Account } from "../../src/client/index.ts";
import { createThoughtEntry, deriveThoughtKey, generateEntryId, verifySplitProof } from "../../src/crypto/index.ts";
import { sign } from "../../src/crypto/sign.ts";
import { appendToKeyLog } from "../../src/domain/key-log/append-to-key-log.ts";
import { concatBytes, encodeBase64url, parseBase64url, type KeyLogLeaf } from "../../src/protocol/index.ts";
import { createPrismaClient } from "../../src/storage/prisma-client.ts";
import { createUnitOfWork } from "../../src/storage/unit-of-work.ts";
import { befriend, codeOf, nextNotice, nextTexts, textsOf } from "../scenario/support.ts";
import { ask, type Json } from "../support/graphql.ts";
import { createPerson } from "../support/person.ts";
import { succeed } from "../support/member.ts";
import { befriendAccomplice, flip } from "./harness/accomplice.ts";
import { createStage } from "./harness/attack.ts";
import type { Scene } from "./harness/scene.ts";
import { honestLeaves, madeUpLeaf, showLog } from "./harness/shown-log.ts";

// The log makes a relay's lies about cards public, or convicts it: it cannot show two people two logs for long.
const attack = createStage();

const hash = (): string => encodeBase64url(randomBytes(32));

/** What the relay offers as a proof of a foreign card. */
const foreign: [name: string, prove: (size: number) => Json][] = [
  ["no proof of it", () => null],
  ["the proof of another one", () => ({ index: 0, path: [] })],
  ["a made-up proof of the right length", (size) => ({ index: 0, path: Array.from({ length: Math.ceil(Math.log2(size)) }, hash) })],
  ["a proof of half hashes", (size) => ({ index: 0, path: Array.from({ length: Math.ceil(Math.log2(size)) }, () => encodeBase64url(randomBytes(16))) })],
];

for (const [name, prove] of foreign) {
  attack(`a foreign card, and ${name}`, { refusal: "CARD_NOT_LOGGED" }, async (scene) => {
    const [alice, bob, mallory] = [await scene.register("alice"), await scene.register("bob"), await scene.register("mallory")];
    const victim = await scene.login(bob);
    const query = "query ($name: Username!) { userByName(username: $name) { id cards { bytes } } }";
    const { data } = await ask(scene.stage.relay, { query, variables: { name: mallory.username }, token: await victim.accessToken() });
    const { length } = await honestLeaves(scene);
    scene.lies.rewrite("UserByName", () => ({ userByName: { ...data.userByName, username: alice.username } }));
    scene.lies.rewrite("KeyLog", ({ keyLog }) => void (keyLog.inclusion = [prove(length)]));
    await scene.refused(victim.friends.request(alice.username));
    expect(await scene.nothingSent("RequestFriendship")).toBe("NOTHING_SENT");
    await scene.honest(async () => {
      await victim.friends.request(alice.username);
      expect((await alice.friends.requests()).received).toMatchObject([{ username: bob.username }]);
    });
  });
}

/** What the relay makes of the true proof of a card. */
const bent: [name: string, bend: (proof: Json) => void][] = [
  ["a place behind the end of the log", (proof) => (proof.index += 1_000_000)],
  ["a hash too many", (proof) => proof.path.unshift(hash())],
  ["a hash too few", (proof) => proof.path.shift()],
];

for (const [name, bend] of bent) {
  attack(`the proof of a card with ${name}`, { refusal: "CARD_NOT_LOGGED" }, async (scene) => {
    const victim = await scene.login(await scene.register("bob"));
    const alice = await scene.register("alice");
    scene.lies.rewrite("KeyLog", ({ keyLog }) => keyLog.inclusion.forEach(bend));
    await scene.refused(victim.friends.request(alice.username));
    expect(await scene.nothingSent("RequestFriendship")).toBe("NOTHING_SENT");
    await scene.honest(() => victim.friends.request(alice.username));
  });
}

attack("a foreign card under one's own name, in the log for all to see", { refusal: "OWN_CARD_MISMATCH" }, async (scene) => {
  const [alice, bob] = [await scene.register("alice"), await scene.register("bob")];
  const { userId, cardHash } = createPerson();
  const prisma = createPrismaClient(scene.stage.relay.database.connection);
  await createUnitOfWork(prisma).run(({ keyLog }) => appendToKeyLog(keyLog, [{ username: alice.username, userId, cardHash }]));
  await prisma.$disconnect();
  await scene.refused(scene.login(alice));
  // What is logged stays logged: whoever is not concerned goes on.
  await scene.honest(async () => expect((await scene.login(bob)).userId).toEqual(bob.userId));
});

for (const [name, hide] of [
  ["all leaves of one's own name", (keyLog: Json): void => void (keyLog.leavesOf = [])],
  ["the proof of one's own card", (keyLog: Json): void => void (keyLog.inclusion = [null])],
] as const) {
  attack(`${name}, kept from whose it is`, { refusal: "OWN_CARD_MISMATCH" }, async (scene) => {
    const alice = await scene.register("alice");
    scene.lies.rewrite("KeyLog", ({ keyLog }) => hide(keyLog));
    await scene.refused(scene.login(alice));
    await scene.honest(async () => expect((await scene.login(alice)).userId).toEqual(alice.userId));
  });
}

attack("a log for one reader alone: a split view, which a friend's thought uncovers", { refusal: "split-view" }, async (scene) => {
  const [erin, frank] = [await scene.register("erin"), await scene.register("frank")];
  await frank.close();
  const together = await honestLeaves(scene);
  // From here on Frank is shown a log of his own, which continues all that he has seen.
  let shown = together;
  showLog(scene, () => shown);
  const victim = await scene.login(frank);
  await befriend(victim, erin);
  const grace = await scene.register("grace");
  shown = [...together, ...["grace", "heidi", "ivan"].map(madeUpLeaf)];
  expect(await codeOf(victim.friends.request(grace.username))).toBe("CARD_NOT_LOGGED");
  expect(scene.noticesOf(victim, "keyLogAlarm")).toEqual([]);

  await erin.friends.request(grace.username);
  const feed = victim.feed();
  const alarm = nextNotice(victim, "keyLogAlarm");
  const [seen, still, answer] = [scene.secret("what I see"), scene.secret("and still"), scene.secret("me too")];
  await erin.thoughts.write(seen);
  expect(await nextTexts(feed, 1)).toEqual([seen]);
  await scene.refused(alarm.then(({ code }) => code));
  const convicted = verifySplitProof(scene.stage.receiptKey.publicKey, (await alarm).proof ?? new Uint8Array());
  expect([convicted.older.size, convicted.newer.size]).toEqual([together.length + 1, shown.length]);
  expect(await codeOf(victim.friends.request(grace.username))).toBe("KEY_LOG_BROKEN");

  await erin.thoughts.write(still);
  expect(await nextTexts(feed, 1)).toEqual([still]);
  await victim.thoughts.write(answer);
  expect(scene.noticesOf(victim, "keyLogAlarm")).toHaveLength(1);
  await scene.readsHonestly(erin, frank, answer);
});

/** Somebody whose vault pins the log of today. */
async function pinned(scene: Scene): Promise<{ judy: Account; leaves: KeyLogLeaf[] }> {
  const judy = await scene.register("judy");
  await judy.close();
  const leaves = await honestLeaves(scene);
  // It has grown since, so that a path is due.
  await scene.register("later");
  return { judy, leaves };
}

/** No new card is used; an honest relay is believed at the next sign-in. */
async function demandStopped(scene: Scene, judy: Account, victim: Account): Promise<void> {
  const alice = await scene.register("alice");
  expect(await codeOf(victim.friends.request(alice.username))).toBe("KEY_LOG_BROKEN");
  expect(await scene.nothingSent("RequestFriendship")).toBe("NOTHING_SENT");
  await victim.thoughts.write(scene.secret("still mine"));
  await victim.close();
  await scene.honest(async () => {
    const again = await scene.login(judy);
    expect(scene.noticesOf(again, "keyLogAlarm")).toEqual([]);
    await again.friends.request(alice.username);
  });
}

const rewritten: [name: string, refusal: string, isConvicted: boolean, leavesOf: (leaves: KeyLogLeaf[]) => KeyLogLeaf[]][] = [
  ["a log that got shorter", "rolled-back", false, (leaves) => leaves.slice(0, -1)],
  ["a log of the same length with another past", "split-view", true, (leaves) => [madeUpLeaf("nobody"), ...leaves.slice(1)]],
  ["a log that has grown, with another past", "split-view", true, (leaves) => [madeUpLeaf("nobody"), ...leaves.slice(1), madeUpLeaf("later")]],
];

for (const [name, refusal, isConvicted, leavesOf] of rewritten) {
  attack(name, { refusal }, async (scene) => {
    const { judy, leaves } = await pinned(scene);
    showLog(scene, () => leavesOf(leaves));
    const victim = await scene.login(judy);
    await scene.refused(scene.problemOf(victim));
    const [{ proof } = { proof: undefined }] = scene.noticesOf(victim, "keyLogAlarm");
    expect(proof !== undefined).toBe(isConvicted);
    if (proof) verifySplitProof(scene.stage.receiptKey.publicKey, proof);
    await demandStopped(scene, judy, victim);
  });
}

/** A checkpoint that the relay signs, with another body than it makes. */
function signedCheckpoint({ stage }: Scene, text: string, change: (body: Buffer) => void): string {
  const body = Buffer.from(parseBase64url(text)).subarray(0, -64);
  change(body);
  return encodeBase64url(concatBytes(body, sign(stage.receiptKey.secretKey, "checkpoint", body)));
}

const VERSION = 0;
const SUITE = 1;
const SIZE = 34;

const answers: [name: string, refusal: string, change: (keyLog: Json, scene: Scene) => void][] = [
  ["no path from the log that was seen", "bad-proof", (keyLog) => (keyLog.consistency = [])],
  ["a changed path from the log that was seen", "bad-proof", (keyLog) => keyLog.consistency.forEach((proof: Json) => (proof.path = proof.path.map((text: string) => flip(text, 0))))],
  ["a path with a hash too many", "bad-proof", (keyLog) => keyLog.consistency.forEach((proof: Json) => proof.path.unshift(hash()))],
  ["a checkpoint that nobody signed", "bad-sig", (keyLog) => (keyLog.checkpoint = flip(keyLog.checkpoint, -1))],
  ["another relay's checkpoint", "bad-checkpoint", (keyLog) => (keyLog.checkpoint = flip(keyLog.checkpoint, 2))],
  ["no checkpoint", "bad-length", (keyLog) => (keyLog.checkpoint = "")],
  ["a checkpoint with a byte behind it", "bad-length", (keyLog) => (keyLog.checkpoint = encodeBase64url(concatBytes(parseBase64url(keyLog.checkpoint), new Uint8Array(1))))],
  ["a checkpoint of an unknown version", "unknown-version", (keyLog, scene) => (keyLog.checkpoint = signedCheckpoint(scene, keyLog.checkpoint, (body) => body.writeUInt8(2, VERSION)))],
  ["a checkpoint of a log that hashes in another way", "unknown-version", (keyLog, scene) => (keyLog.checkpoint = signedCheckpoint(scene, keyLog.checkpoint, (body) => body.writeUInt8(2, SUITE)))],
  ["a checkpoint of an empty log", "bad-value", (keyLog, scene) => (keyLog.checkpoint = signedCheckpoint(scene, keyLog.checkpoint, (body) => body.writeBigUInt64BE(0n, SIZE)))],
];

for (const [name, refusal, change] of answers) {
  attack(name, { refusal }, async (scene) => {
    const { judy } = await pinned(scene);
    scene.lies.rewrite("KeyLog", ({ keyLog }) => void change(keyLog, scene));
    const victim = await scene.login(judy);
    await scene.refused(scene.problemOf(victim));
    expect(scene.noticesOf(victim, "keyLogAlarm")).toMatchObject([{ proof: undefined }]);
    await demandStopped(scene, judy, victim);
  });
}

attack("no log at all", { refusal: "rolled-back" }, async (scene) => {
  const { judy } = await pinned(scene);
  scene.lies.invent("KeyLog", () => ({ keyLog: null }));
  const victim = await scene.login(judy);
  await scene.refused(scene.problemOf(victim));
  await demandStopped(scene, judy, victim);
});

/** What a false friend says to have seen of the log. */
const gossip: [name: string, makeUp: (scene: Scene, honest: string) => Uint8Array][] = [
  ["a checkpoint that nobody signed", (_scene, honest) => parseBase64url(flip(honest, -1))],
  ["the checkpoint of another relay", (_scene, honest) => parseBase64url(flip(honest, 2))],
];

for (const [name, makeUp] of gossip) {
  attack(`${name}, told by a friend`, { refusal: "NOT_HEARD" }, async (scene) => {
    const [alice, mallory] = [await scene.register("alice"), await scene.accomplice()];
    await befriendAccomplice(scene, alice, mallory);
    const [reader, carol] = [await scene.login(alice), await scene.register("carol")];
    const { data } = await ask(scene.stage.relay, { query: "{ keyLog { checkpoint } }" });
    const { hand } = mallory;
    const pre = { author: mallory.userId, seq: hand.head.seq + 1, prev: hand.head.hash, epoch: 0, timeMs: Date.now(), entryId: generateEntryId() };
    const { identity, cardHash } = hand.person;
    const body = { v: 1 as const, t: "believe me", log: makeUp(scene, data.keyLog.checkpoint) };
    const { bytes } = createThoughtEntry({ ...pre, identity, cardHash, thoughtKey: deriveThoughtKey(hand.key, mallory.userId, 0), body });
    await succeed(scene.stage.relay, "createThought", { entry: bytes }, mallory.token);
    await expect.poll(() => textsOf(reader, mallory.username)).toEqual(["believe me"]);
    // A question about the log is compared with all that was heard.
    const answer = await codeOf(reader.friends.request(carol.username));
    await scene.refused(Promise.resolve(answer === undefined && scene.noticesOf(reader, "keyLogAlarm").length === 0 ? "NOT_HEARD" : String(answer)));
    await scene.honest(async () => expect((await carol.friends.requests()).received).toMatchObject([{ username: alice.username }]));
  });
}
