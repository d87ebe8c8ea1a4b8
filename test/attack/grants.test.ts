import { expect } from "vitest";
import type { Account } from "../../src/client/index.ts";
import { createGrant, deriveKey, deriveThoughtKey, generateEpochKey } from "../../src/crypto/index.ts";
import { hash } from "../../src/crypto/public/hash.ts";
import { grantSignedBytes } from "../../src/crypto/public/verify-grant-signature.ts";
import { seal } from "../../src/crypto/secret/seal.ts";
import { sign } from "../../src/crypto/sign.ts";
import { sodium } from "../../src/crypto/sodium.ts";
import { concatBytes, encodeBase64url, GrantKind, parseBase64url, parseGrant, u8, type Grant } from "../../src/protocol/index.ts";
import { befriend, textsOf } from "../scenario/support.ts";
import type { Json } from "../support/graphql.ts";
import { write } from "../support/lawful-inputs.ts";
import type { Member } from "../support/member.ts";
import { befriendAccomplice, flip, peerOf } from "./harness/accomplice.ts";
import { createStage } from "./harness/attack.ts";
import { idOf, type Scene } from "./harness/scene.ts";
import { share } from "./harness/share.ts";

const attack = createStage();

const MATRIX = "Matrix 2022: keys that were forwarded unasked";

interface Cast {
  alice: Account;
  bob: Account;
  mallory: Member;
  text: string;
}

const cast = share(meet);

/** Alice reads Bob, who wrote one thought, and Mallory, who plays with the relay. */
async function meet(scene: Scene): Promise<Cast> {
  const [alice, bob] = await scene.friends("alice", "bob");
  const mallory = await scene.accomplice();
  await write(scene.stage.relay, mallory, "lawful");
  await befriendAccomplice(scene, alice, mallory);
  const text = scene.secret("by Bob");
  await bob.thoughts.write(text);
  return { alice, bob, mallory, text };
}

function rewriteGrants(scene: Scene, author: { userId: Uint8Array }, change: (bytes: Uint8Array) => Uint8Array): void {
  scene.lies.rewrite("Grants", ({ grants }, { variables }) => {
    if (variables.author !== idOf(author)) return;
    for (const node of grants.nodes as Json[]) node.bytes = encodeBase64url(change(parseBase64url(node.bytes)));
  });
}

const turn = (byte: number) => (bytes: Uint8Array): Uint8Array => parseBase64url(flip(encodeBase64url(bytes), byte));
const set = (byte: number, value: number) => (bytes: Uint8Array): Uint8Array => Uint8Array.from(bytes, (old, index) => (index === byte ? value : old));

/** What the relay alone does to a friend's grant. */
const changes: [name: string, refusal: string, change: (bytes: Uint8Array) => Uint8Array, replays?: string][] = [
  ["a grant of an older suite", "unknown-version", set(0, 1), "Cloud storage 2024: protocol downgrade"],
  ["a grant whose sealed part is of an older suite", "unknown-version", set(166, 1), "Cloud storage 2024: protocol downgrade"],
  ["a grant with a byte too few", "bad-length", (bytes) => bytes.slice(0, -1)],
  ["a grant with a byte too many", "bad-length", (bytes) => concatBytes(bytes, u8(0))],
  ["a grant of an unknown kind", "bad-type", set(1, 3)],
  ["a grant of all history, passed off as one of an epoch", "bad-sig", set(1, 2)],
  ["a grant in another author's name", "bad-author", turn(2)],
  ["a grant to another reader", "bad-grant", turn(34)],
  ["a grant of an epoch that does not exist", "bad-grant", turn(66)],
  ["a grant by a card that its author never had", "bad-card", turn(102)],
  ["a grant to a card that is not one's own", "bad-grant", turn(134)],
  ["a grant whose ciphertext was changed", "bad-sig", turn(400)],
  ["a grant whose signature was changed", "bad-sig", turn(-1)],
];

for (const [name, refusal, change, replays] of changes) {
  attack(name, { refusal, ...(replays && { replays }) }, async (scene) => {
    const { alice, bob, text } = await cast.meet(scene);
    rewriteGrants(scene, bob, change);
    await scene.refused(scene.problemOf(await scene.login(alice)));
    await scene.readsHonestly(alice, bob, text);
  });
}

type Recipient = Awaited<ReturnType<typeof peerOf>>;

/** What a false friend signs. */
function malloryGrants(mallory: Member, recipient: Recipient, change: Partial<Parameters<typeof createGrant>[0]>): Uint8Array {
  const { person, key, commitment } = mallory.hand;
  return createGrant({
    kind: GrantKind.HISTORY,
    key,
    author: mallory.userId,
    authorCardHash: person.cardHash,
    signSecretKey: person.identity.sign.secretKey,
    recipientUserId: recipient.userId,
    recipientCard: recipient.person.card,
    n: 0,
    commitment,
    ...change,
  });
}

const falseKeys: [name: string, change: Partial<Parameters<typeof createGrant>[0]>, replays?: string][] = [
  ["a key to all history other than the one that the chain commits to", { key: generateEpochKey() }, "Partitioning oracles 2021: one ciphertext under many keys"],
  ["a key to one epoch other than the one that others get", { kind: GrantKind.EPOCH_ONLY, key: generateEpochKey() }, "Partitioning oracles 2021: one ciphertext under many keys"],
  ["a grant that commits to another key than the chain", { commitment: generateEpochKey() }],
];

for (const [name, change, replays] of falseKeys) {
  attack(name, { refusal: "bad-commit", ...(replays && { replays }) }, async (scene) => {
    const { alice, mallory } = await cast.meet(scene);
    const forged = malloryGrants(mallory, await peerOf(scene, alice, mallory), change);
    rewriteGrants(scene, mallory, () => forged);
    await scene.refused(scene.problemOf(await scene.login(alice)));
    await scene.honest(async () => expect(await textsOf(await scene.loginHonestly(alice), mallory.username)).toEqual(["lawful"]));
  });
}

const two = share(async (scene) => {
  const [alice, mallory] = [await scene.register("alice"), await scene.accomplice()];
  await write(scene.stage.relay, mallory, "lawful");
  await befriendAccomplice(scene, alice, mallory);
  return { alice, mallory };
});

/** The key of the other kind than the grant says. */
const kinds: [name: string, change: (mallory: Member) => Partial<Parameters<typeof createGrant>[0]>][] = [
  ["a grant of all history that holds the key of one epoch", ({ hand, userId }) => ({ kind: GrantKind.HISTORY, key: deriveThoughtKey(hand.key, userId, 0) })],
  ["a grant of one epoch that holds the key to all history", ({ hand }) => ({ kind: GrantKind.EPOCH_ONLY, key: hand.key })],
];

for (const [name, change] of kinds) {
  attack(name, { refusal: "bad-commit" }, async (scene) => {
    const { alice, mallory } = await two.meet(scene);
    const forged = malloryGrants(mallory, await peerOf(scene, alice, mallory), change(mallory));
    rewriteGrants(scene, mallory, () => forged);
    await scene.refused(scene.problemOf(await scene.login(alice)));
    await scene.honest(async () => expect(await textsOf(await scene.loginHonestly(alice), mallory.username)).toEqual(["lawful"]));
  });
}

/** The sealed part of a grant for this context, made for the keys of the recipient's card. */
function sealFor(context: Uint8Array, key: Uint8Array, { person: { card } }: Recipient, outerKeyOf = (sharedSecret: Uint8Array, ciphertext: Uint8Array): Uint8Array => deriveKey(sharedSecret, "grant-kem", ciphertext, card.kemPk, context)): Uint8Array {
  const { ciphertext, sharedSecret } = sodium.crypto_kem_mlkem768_enc(card.kemPk);
  const inner = sodium.crypto_box_seal(concatBytes(key, hash("grant-ctx", context)), card.boxPk);
  return concatBytes(u8(2), ciphertext, seal(outerKeyOf(sharedSecret, ciphertext), "grant", context, inner));
}

/** What a false friend says in a grant about whom and what it is for; the rest of it holds. */
const contexts: [name: string, kind: GrantKind, change: (context: Uint8Array) => Uint8Array][] = [
  ["a key for a card that is not one's own, sealed to the keys of one's own", GrantKind.HISTORY, (context) => set(134, context[134]! ^ 1)(context)],
  ["a key of today, for an epoch that does not exist", GrantKind.EPOCH_ONLY, (context) => set(69, 7)(context)],
];

for (const [name, kind, change] of contexts) {
  attack(name, { refusal: "bad-grant" }, async (scene) => {
    const { alice, mallory } = await cast.meet(scene);
    const peer = await peerOf(scene, alice, mallory);
    const key = kind === GrantKind.HISTORY ? mallory.hand.key : deriveThoughtKey(mallory.hand.key, mallory.userId, 0);
    const context = change(parseGrant(malloryGrants(mallory, peer, { kind, key })).context);
    const sealed = sealFor(context, key, peer);
    const signature = sign(mallory.hand.person.identity.sign.secretKey, "grant", grantSignedBytes(context, sealed));
    rewriteGrants(scene, mallory, () => concatBytes(context, sealed, signature));
    await scene.refused(scene.problemOf(await scene.login(alice)));
    await scene.honest(async () => expect(await textsOf(await scene.loginHonestly(alice), mallory.username)).toEqual(["lawful"]));
  });
}

/** What a false friend seals, instead of the key and the hash of the grant's context. */
const sealings: [name: string, seal: (grant: Grant, content: Uint8Array, recipient: Recipient) => Uint8Array][] = [
  ["a grant whose outer key is that of any other grant", ({ context }, content, recipient) => sealFor(context, content, recipient, (sharedSecret) => deriveKey(sharedSecret, "grant-kem"))],
  ["a grant that holds nothing that opens", ({ sealed }) => set(sealed.length - 1, sealed.at(-1)! ^ 1)(sealed)],
  ["a sealed box that was made for another grant", ({ context }, content, { person: { card } }) => {
    const moved = concatBytes(content.subarray(0, 32), hash("grant-ctx", set(context.length - 1, 7)(context)));
    const { ciphertext, sharedSecret } = sodium.crypto_kem_mlkem768_enc(card.kemPk);
    const outer = deriveKey(sharedSecret, "grant-kem", ciphertext, card.kemPk, context);
    return concatBytes(u8(2), ciphertext, seal(outer, "grant", context, sodium.crypto_box_seal(moved, card.boxPk)));
  }],
];

for (const [name, sealAgain] of sealings) {
  attack(name, { refusal: "bad-grant" }, async (scene) => {
    const { alice, mallory } = await cast.meet(scene);
    const peer = await peerOf(scene, alice, mallory);
    const grant = parseGrant(malloryGrants(mallory, peer, {}));
    const sealed = sealAgain(grant, mallory.hand.key, peer);
    const signature = sign(mallory.hand.person.identity.sign.secretKey, "grant", grantSignedBytes(grant.context, sealed));
    rewriteGrants(scene, mallory, () => concatBytes(grant.context, sealed, signature));
    await scene.refused(scene.problemOf(await scene.login(alice)));
    await scene.honest(async () => expect(await textsOf(await scene.loginHonestly(alice), mallory.username)).toEqual(["lawful"]));
  });
}

attack("a friend's grant, stripped and signed by somebody else", { refusal: "bad-sig", replays: MATRIX }, async (scene) => {
  const { alice, bob, mallory, text } = await cast.meet(scene);
  const peer = await peerOf(scene, alice, mallory);
  const key = generateEpochKey();
  rewriteGrants(scene, bob, (bytes) => {
    const { author, authorCardHash, n, commitment } = parseGrant(bytes);
    return malloryGrants(mallory, peer, { author, authorCardHash, n, commitment, key });
  });
  await scene.refused(scene.problemOf(await scene.login(alice)));
  await scene.readsHonestly(alice, bob, text);
});

attack("a key that somebody else hands out in a friend's name", { refusal: "bad-card", replays: MATRIX }, async (scene) => {
  const { alice, bob, mallory, text } = await cast.meet(scene);
  const peer = await peerOf(scene, alice, mallory);
  rewriteGrants(scene, bob, (bytes) => malloryGrants(mallory, peer, { author: parseGrant(bytes).author }));
  await scene.refused(scene.problemOf(await scene.login(alice)));
  await scene.readsHonestly(alice, bob, text);
});

attack("a grant that was made for another friend", { refusal: "bad-grant", replays: MATRIX }, async (scene) => {
  const { alice, bob, text } = await cast.meet(scene);
  const carol = await scene.register("carol");
  await befriend(carol, await scene.loginHonestly(bob));
  const others: string[] = [];
  scene.lies.rewrite("Grants", ({ grants }, { variables }) => void (variables.author === idOf(bob) && others.push(...grants.nodes.map(({ bytes }: Json) => bytes))));
  await scene.login(carol);
  rewriteGrants(scene, bob, () => parseBase64url(others[0] ?? ""));
  await scene.refused(scene.problemOf(await scene.login(alice)));
  await scene.readsHonestly(alice, bob, text);
});

attack("a grant that is withheld", { refusal: "unreadable" }, async (scene) => {
  const [alice, bob] = await scene.friends("alice", "bob");
  const text = scene.secret("by Bob");
  scene.lies.rewrite("Grants", ({ grants }) => void (grants.nodes = []));
  const reader = await scene.login(alice);
  const alarm = scene.alarmOf(reader);
  await bob.thoughts.write(text);
  await scene.refused(alarm);
  await scene.readsHonestly(alice, bob, text);
});

attack("a stranger whom the relay names as lacking a grant: a ghost friend", { refusal: "NOTHING_SENT", replays: "Matrix 2022: members that only the server added" }, async (scene) => {
  const { alice, bob, mallory, text } = await cast.meet(scene);
  const ghost = await scene.accomplice();
  scene.lies.invent("MissingGrants", () => ({ missingGrants: [{ recipient: { id: idOf(ghost) }, asked: true }] }));
  await scene.login(alice);
  await scene.refused(scene.nothingSent("StoreGrants"));
  expect(mallory.username).not.toBe(ghost.username);
  await scene.readsHonestly(alice, bob, text);
});

attack("somebody whose request is open, and whom the relay names as lacking a grant", { refusal: "NOTHING_SENT", replays: "Nextcloud 2024: recipients that the server put into the list" }, async (scene) => {
  const [alice, bob] = [await scene.register("alice"), await scene.register("bob")];
  await alice.friends.request(bob.username);
  scene.lies.invent("MissingGrants", () => ({ missingGrants: [{ recipient: { id: idOf(bob) }, asked: true }] }));
  const asker = await scene.login(alice);
  await scene.refused(scene.nothingSent("StoreGrants", "ConfirmFriendship"));
  const text = scene.secret("by Alice");
  await asker.thoughts.write(text);
  await scene.honest(async () => {
    await bob.friends.accept(alice.username);
    await expect.poll(() => textsOf(bob, alice.username).catch(() => []), { timeout: 10_000 }).toEqual([text]);
  });
});
