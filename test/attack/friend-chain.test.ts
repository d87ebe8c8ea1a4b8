import { expect } from "vitest";
import type { Account } from "../../src/client/index.ts";
import { befriend, nextTexts, textsOf, thoughtsOf } from "../scenario/support.ts";
import type { Json } from "../support/graphql.ts";
import { flip, isHead, isNewer, isOlder, isOutline, rewriteChain } from "./harness/accomplice.ts";
import { createStage } from "./harness/attack.ts";
import { idOf, type Scene } from "./harness/scene.ts";
import { share } from "./harness/share.ts";

// The relay alone, without the keys of any friend: whatever it changes in a chain contradicts a signature or a hash.
const attack = createStage();

interface Cast {
  alice: Account;
  bob: Account;
  texts: string[];
}

// Nothing is changed at the honest relay: most attacks meet the same two, and three thoughts of Bob's.
const cast = share(meet);

async function meet(scene: Scene): Promise<Cast> {
  const [alice, bob] = [await scene.register("alice"), await scene.register("bob")];
  const texts = [scene.secret("the first"), scene.secret("the second"), scene.secret("the third")];
  for (const text of texts) await bob.thoughts.write(text);
  await befriend(alice, bob);
  return { alice, bob, texts: texts.reverse() };
}

const withoutText = (node: Json): Json => ({ ...node, bytes: Buffer.from(node.bytes, "base64url").subarray(0, 234).toString("base64url") });
const withBytes = (node: Json, bytes: string): Json => ({ ...node, bytes });
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const withSpareBit = (bytes: string): string => `${bytes.slice(0, -1)}${ALPHABET[ALPHABET.indexOf(bytes.at(-1) ?? "") | 1]}`;
const payloadOf = (bytes: string): Buffer => Buffer.from(bytes, "base64url").subarray(234);
const withPayload = (bytes: string, payload: Buffer): string => Buffer.concat([Buffer.from(bytes, "base64url").subarray(0, 234), payload]).toString("base64url");

/** What the relay does to older entries, newest first, when a friend reads back. */
const older: [name: string, refusal: string, change: (nodes: Json[]) => Json[]][] = [
  ["a changed text in the past", "bad-payload-hash", ([first, ...rest]) => [withBytes(first, flip(first.bytes, -1)), ...rest]],
  ["a changed header in the past", "bad-sig", ([first, ...rest]) => [withBytes(first, flip(first.bytes, 80)), ...rest]],
  ["a changed signature in the past", "bad-sig", ([first, ...rest]) => [withBytes(first, flip(first.bytes, 200)), ...rest]],
  ["a dropped entry in the past", "bad-seq", ([, ...rest]) => rest],
  ["two entries of the past in another order", "bad-seq", ([first, second, ...rest]) => [second, first, ...rest]],
  ["the texts of two entries exchanged", "bad-payload-hash", ([first, second, ...rest]) => [
    withBytes(first, withPayload(first.bytes, payloadOf(second.bytes))),
    withBytes(second, withPayload(second.bytes, payloadOf(first.bytes))),
    ...rest,
  ]],
  ["a text taken away without a tombstone", "bad-target", ([first, ...rest]) => [withoutText(first), ...rest]],
  ["an epoch taken away as if it were withdrawn", "bad-type", (nodes) => nodes.map((node) => (node.seq === 1 ? withoutText(node) : node))],
  ["all of the past withheld", "bad-seq", () => []],
  ["bytes spelt with bits to spare", "bad-encoding", ([first, ...rest]) => [withBytes(first, withSpareBit(first.bytes)), ...rest]],
  ["bytes of a length that no bytes have", "bad-encoding", ([first, ...rest]) => [withBytes(first, `${first.bytes}${"A".repeat((5 - (first.bytes.length % 4)) % 4)}`), ...rest]],
  ["bytes that are no base64url", "bad-encoding", ([first, ...rest]) => [withBytes(first, `${first.bytes}=`), ...rest]],
];

for (const [name, refusal, change] of older) {
  attack(name, { refusal }, async (scene) => {
    const { alice, bob, texts } = await cast.meet(scene);
    const reader = await scene.login(alice);
    rewriteChain(scene, bob, isOlder, change);
    await scene.refused(textsOf(reader, bob.username));
    await scene.honest(async () => expect(await textsOf(reader, bob.username)).toEqual(texts));
  });
}

/** What the relay does to the chain while a friend opens it. */
const opening: [name: string, refusal: string, isMeant: typeof isHead, change: (nodes: Json[]) => Json[]][] = [
  ["no head at all", "bad-seq", isHead, () => []],
  ["a changed head", "bad-sig", isHead, ([head]) => [withBytes(head, flip(head.bytes, 90))]],
  ["an epoch kept from the outline", "bad-epoch", isOutline, ([card]) => [card]],
  ["an empty outline", "bad-signer", isOutline, () => []],
  ["an epoch of the outline without its payload", "bad-type", isOutline, ([card, epoch]) => [card, withoutText(epoch)]],
  ["an outline without its first card", "bad-type", isOutline, ([, epoch]) => [epoch]],
  ["an epoch changed in the outline", "bad-payload-hash", isOutline, ([card, epoch]) => [card, withBytes(epoch, flip(epoch.bytes, -1))]],
  ["a head with a changed receipt", "bad-sig", isHead, ([head]) => [{ ...head, receipt: { bytes: flip(head.receipt.bytes, 3) } }]],
];

for (const [name, refusal, isMeant, change] of opening) {
  attack(name, { refusal }, async (scene) => {
    const { alice, bob, texts } = await cast.meet(scene);
    rewriteChain(scene, bob, isMeant, change);
    const reader = await scene.login(alice);
    await scene.refused(scene.problemOf(reader));
    await expect(textsOf(reader, bob.username)).rejects.toMatchObject({ code: "NOT_FRIENDS" });
    await scene.readsHonestly(alice, bob, ...texts);
  });
}

attack("a thought in the outline", { refusal: "bad-type" }, async (scene) => {
  const { alice, bob, texts } = await cast.meet(scene);
  const heads: Json[] = [];
  scene.lies.rewrite("Chain", ({ chain }, asked) => {
    if (asked.variables.author !== idOf(bob)) return;
    if (isHead(asked)) heads.push(...chain.nodes);
    if (isOutline(asked)) chain.nodes.push(...heads);
  });
  await scene.refused(scene.problemOf(await scene.login(alice)));
  await scene.readsHonestly(alice, bob, ...texts);
});

attack("the chain of one friend under the name of another", { refusal: "bad-author", replays: "Matrix 2022: confused identifiers" }, async (scene) => {
  const { alice, bob, texts } = await cast.meet(scene);
  const carol = await scene.register("carol");
  await carol.thoughts.write(scene.secret("by Carol"));
  const carols: Json[] = [];
  scene.lies.rewrite("Chain", ({ chain }, asked) => void (isOutline(asked) && carols.push(...chain.nodes)));
  await scene.login(carol);
  rewriteChain(scene, bob, isOutline, () => carols);
  await scene.refused(scene.problemOf(await scene.login(alice)));
  await scene.readsHonestly(alice, bob, ...texts);
});

attack("an older end of a chain than this user has seen", { refusal: "fork" }, async (scene) => {
  const [alice, bob] = await scene.friends("alice", "bob");
  const texts = [scene.secret("seen"), scene.secret("seen too")];
  const feed = alice.feed();
  for (const text of texts) await bob.thoughts.write(text);
  await nextTexts(feed, 2);
  // Closing saves how far the chain was read.
  await alice.close();
  const older = await olderEntry(scene, bob);
  rewriteChain(scene, bob, isHead, () => [older]);
  await scene.refused(scene.problemOf(await scene.login(alice)));
  await scene.readsHonestly(alice, bob, ...texts.reverse());
});

async function olderEntry(scene: Scene, author: Account): Promise<Json> {
  let found: Json;
  rewriteChain(scene, author, isOlder, (nodes) => ((found = nodes[0]), nodes));
  const reader = await scene.login(author);
  await thoughtsOf(reader);
  return found;
}

/** What the relay does to an entry on its way to who listens. */
const live: [name: string, refusal: string, change: (entry: Json) => void][] = [
  ["a receipt that another relay signed", "bad-sig", ({ receipt }) => (receipt.bytes = flip(receipt.bytes, -1))],
  ["a receipt of an unknown version", "unknown-version", ({ receipt }) => (receipt.bytes = changeBytes(receipt.bytes, (bytes) => bytes.fill(2, 0, 1)))],
  ["a receipt with a byte behind it", "bad-length", ({ receipt }) => (receipt.bytes = changeBytes(receipt.bytes, (bytes) => Buffer.concat([bytes, Buffer.alloc(1)])))],
  ["a live text that was changed on the way", "bad-payload-hash", (entry) => (entry.bytes = flip(entry.bytes, -1))],
];

const changeBytes = (text: string, change: (bytes: Buffer) => Buffer): string => change(Buffer.from(text, "base64url")).toString("base64url");

for (const [name, refusal, change] of live) {
  attack(name, { refusal }, async (scene) => {
    const [alice, bob] = await scene.friends("alice", "bob");
    const reader = await scene.login(alice);
    scene.lies.redeliver("EntryAppended", ({ entryAppended: { entry } }) => void (entry?.author === idOf(bob) && change(entry)));
    const text = scene.secret("live");
    const alarm = scene.alarmOf(reader);
    await bob.thoughts.write(text);
    await scene.refused(alarm);
    await scene.readsHonestly(alice, bob, text);
  });
}

attack("a receipt for another entry", { refusal: "bad-receipt" }, async (scene) => {
  const [alice, bob] = await scene.friends("alice", "bob");
  const receipts: string[] = [];
  const reader = await scene.login(alice);
  scene.lies.redeliver("EntryAppended", (data) => {
    const entry = data.entryAppended?.entry;
    if (entry?.author !== idOf(bob)) return undefined;
    receipts.push(entry.receipt.bytes);
    if (receipts.length === 2) entry.receipt.bytes = receipts[0];
    return undefined;
  });
  const texts = [scene.secret("first"), scene.secret("second")];
  const alarm = scene.alarmOf(reader);
  for (const text of texts) await bob.thoughts.write(text);
  await scene.refused(alarm);
  await scene.readsHonestly(alice, bob, ...texts.reverse());
});

attack("an entry left out, live and when it is fetched", { refusal: "bad-seq" }, async (scene) => {
  const [alice, bob] = await scene.friends("alice", "bob");
  const reader = await scene.login(alice);
  let count = 0;
  scene.lies.redeliver("EntryAppended", (data) => {
    if (data.entryAppended?.entry?.author !== idOf(bob)) return undefined;
    count += 1;
    return count === 1 ? [] : undefined;
  });
  rewriteChain(scene, bob, isNewer, ([, ...rest]) => rest);
  const texts = [scene.secret("left out"), scene.secret("delivered")];
  const alarm = scene.alarmOf(reader);
  for (const text of texts) await bob.thoughts.write(text);
  await scene.refused(alarm);
  await scene.readsHonestly(alice, bob, ...texts.reverse());
});

attack("the reader's own entry, delivered as the friend's", { refusal: "bad-author", replays: "Threema 2023: reflected messages" }, async (scene) => {
  const [alice, bob] = await scene.friends("alice", "bob");
  const reader = await scene.login(alice);
  scene.lies.redeliver("EntryAppended", (data) => {
    const entry = data.entryAppended?.entry;
    if (entry?.author === idOf(alice)) entry.author = idOf(bob);
    return undefined;
  });
  const text = scene.secret("by Alice");
  const alarm = scene.alarmOf(reader);
  await reader.thoughts.write(text);
  await scene.refused(alarm);
  const late = scene.secret("by Bob");
  await bob.thoughts.write(late);
  await scene.readsHonestly(alice, bob, late);
});

attack("bytes too short to say their place, delivered live", { refusal: "bad-length" }, async (scene) => {
  const [alice, bob] = await scene.friends("alice", "bob");
  const reader = await scene.login(alice);
  const alarm = scene.alarmOf(reader);
  const entry = { author: idOf(bob), seq: 2, bytes: "AQ", withdrawn: false, receipt: { bytes: "AQ" } };
  await scene.stage.hostile.sockets.deliver("EntryAppended", { entryAppended: { __typename: "EntryAppended", entry } });
  await scene.refused(alarm);
  const text = scene.secret("by Bob");
  await bob.thoughts.write(text);
  await scene.readsHonestly(alice, bob, text);
});
