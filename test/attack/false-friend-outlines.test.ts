import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import type { Account } from "../../src/client/index.ts";
import { cardHashOf, createFirstCard, createNextCard, deriveIdentity, entryHashOf, generateIdentitySeeds } from "../../src/crypto/index.ts";
import { createReceipt } from "../../src/crypto/relay/index.ts";
import { encodeBase64url, ENTRY_HEADER_BYTES, EntryType, HASH_BYTES, parseBase64url, parseCard, parseEntry } from "../../src/protocol/index.ts";
import { textsOf } from "../scenario/support.ts";
import type { Signed } from "../support/author.ts";
import { ask, type Json } from "../support/graphql.ts";
import { cardReplacement, write } from "../support/lawful-inputs.ts";
import { type Member, succeed } from "../support/member.ts";
import { befriendAccomplice, entryNode, isHead, isOlder, isOutline, peerOf, rewriteChain } from "./harness/accomplice.ts";
import { createStage } from "./harness/attack.ts";
import { idOf, type Scene } from "./harness/scene.ts";
import { share } from "./harness/share.ts";

// A false friend signs what stands between the landmarks of a chain, and the relay hands out landmarks as it likes.
const attack = createStage();

interface Cast {
  alice: Account;
  mallory: Member;
}

const cast = share(meet);

async function meet(scene: Scene): Promise<Cast> {
  const [alice, mallory] = [await scene.register("alice"), await scene.accomplice()];
  for (const text of ["lawful", "lawful too"]) await write(scene.stage.relay, mallory, text);
  await befriendAccomplice(scene, alice, mallory);
  return { alice, mallory };
}

/** What the relay shows of the chain: CARD and EPOCH entries, and in the place of the head. */
interface Shown {
  outline?: (card: Json, epoch: Json) => Json[];
  head?: Signed;
}

type Hand = Member["hand"];

/** The genesis with another card, signed by the key of that card. */
function genesisWith(hand: Hand, identity = hand.person.identity, bytes = hand.person.card.bytes): Signed {
  const other = hand.clone();
  other.person = { ...hand.person, identity };
  return other.sign(EntryType.CARD, bytes, { seq: 0, prev: new Uint8Array(HASH_BYTES), epoch: 0, signerCard: cardHashOf(parseCard(bytes)) });
}

function withBadSignature(card: Uint8Array): Uint8Array {
  return Uint8Array.from(card, (byte, index) => (index === card.length - 1 ? byte ^ 1 : byte));
}

/** The entry with the same payload at another place. */
function moved(hand: Hand, entry: Json, place: { seq: number; epoch: number }): Signed {
  const { type, payload } = parseEntry(typeof entry.bytes === "string" ? parseBase64url(entry.bytes) : entry.bytes);
  return hand.sign(type, payload, { ...place, prev: randomBytes(HASH_BYTES) });
}

const rows: [name: string, refusal: string, show: (hand: Hand) => Shown][] = [
  ["a chain that begins with a card whose signature is bad", "bad-sig", (hand) => ({ outline: (_card, epoch) => [genesisWith(hand, hand.person.identity, withBadSignature(hand.person.card.bytes)), epoch] })],
  ["a chain that begins with somebody else's card", "bad-author", (hand) => {
    const identity = deriveIdentity(generateIdentitySeeds());
    return { outline: (_card, epoch) => [genesisWith(hand, identity, createFirstCard(identity, 1).card.bytes), epoch] };
  }],
  ["a place between the first card and the first epoch", "bad-seq", (hand) => ({ outline: (card, epoch) => [card, moved(hand, epoch, { seq: 2, epoch: 0 })] })],
  ["a place between a new card and its epoch", "bad-seq", (hand) => {
    const { card: next, rotation, renewed } = hand.cardChange();
    const after = hand.clone();
    after.person = renewed;
    return { outline: (card, epoch) => [card, epoch, next, moved(after, rotation.epoch, { seq: next.seq + 2, epoch: 1 })] };
  }],
  ["two epochs at one place of the outline", "fork", (hand) => ({ outline: (card, epoch) => [card, epoch, moved(hand, epoch, { seq: 1, epoch: 0 })] })],
  ["a thought at the place of an epoch", "fork", (hand) => ({ head: hand.thought("instead", { seq: 1 }) })],
  ["a thought after a new card that no epoch follows", "bad-epoch", (hand) => {
    const { card: next, renewed } = hand.cardChange();
    const after = hand.clone();
    after.person = renewed;
    return { outline: (card, epoch) => [card, epoch, next], head: after.thought("too early", { seq: next.seq + 1 }) };
  }],
  ["a new card that the outline leaves out", "bad-epoch", (hand) => {
    const next = createNextCard(deriveIdentity(generateIdentitySeeds()), hand.person.identity, hand.person.card, 1).card;
    return { head: hand.sign(EntryType.CARD, next.bytes) };
  }],
  ["a revocation at the head", "bad-type", (hand) => ({ head: hand.sign(EntryType.REVOKE, randomBytes(40)) })],
];

for (const [name, refusal, show] of rows) {
  attack(name, { refusal }, async (scene) => {
    const { alice, mallory } = await cast.meet(scene);
    const shown = show(mallory.hand.clone());
    const nodeOf = (entry: Json): Json => (typeof entry.bytes === "string" ? entry : entryNode(scene, mallory.userId, entry));
    scene.lies.rewrite("Chain", ({ chain }, asked) => {
      if (asked.variables.author !== encodeBase64url(mallory.userId)) return;
      const { nodes } = chain;
      if (isOutline(asked) && shown.outline) chain.nodes = shown.outline(nodes[0], nodes[1]).map(nodeOf);
      if (isHead(asked) && shown.head) chain.nodes = [nodeOf(shown.head)];
    });
    await scene.refused(scene.problemOf(await scene.login(alice)));
    await scene.honest(async () => expect(await textsOf(await scene.loginHonestly(alice), mallory.username)).toEqual(["lawful too", "lawful"]));
  });
}

attack("a chain without any card", { refusal: "bad-signer" }, async (scene) => {
  const { alice, mallory } = await cast.meet(scene);
  rewriteChain(scene, mallory, isOutline, () => []);
  await scene.refused(scene.login(alice).then((reader) => scene.problemOf(reader)));
  await scene.honest(async () => expect(await textsOf(await scene.loginHonestly(alice), mallory.username)).toEqual(["lawful too", "lawful"]));
});

attack("a new card as the head, and a thought in the place of its epoch", { refusal: "bad-epoch" }, async (scene) => {
  const [alice, mallory] = [await scene.login(await scene.register("alice")), await scene.accomplice()];
  const place = await changeCard(scene, mallory);
  const card = await storedEntry(scene, mallory, place);
  const prev = entryHashOf(parseBase64url(card.bytes).subarray(0, ENTRY_HEADER_BYTES));
  const behind = entryNode(scene, mallory.userId, mallory.hand.thought("too early", { seq: place + 1, prev, epoch: 0 }));
  scene.lies.rewrite("Chain", ({ chain }, asked) => {
    if (asked.variables.author !== idOf(mallory)) return;
    if (isOutline(asked)) chain.nodes = chain.nodes.filter(({ seq }: Json) => seq <= place);
    else chain.nodes = isHead(asked) ? [card] : [behind];
  });
  await becomeFriends(scene, alice, mallory);
  await scene.refused(scene.problemOf(alice));
  await scene.honest(async () => expect(await textsOf(await scene.loginHonestly(alice), mallory.username)).toEqual([]));
});

attack("a place from before a new card, signed with the new card", { refusal: "bad-signer" }, async (scene) => {
  const [alice, mallory] = [await scene.login(await scene.register("alice")), await scene.accomplice()];
  const { stage } = scene;
  await write(stage.relay, mallory, "lawful");
  const place = await changeCard(scene, mallory);
  const instead = mallory.hand.thought("instead", { seq: place - 1, epoch: 0 });
  // The relay says that it came long ago: nobody looks at what is before it.
  const receipt = createReceipt(stage.receiptKey.secretKey, { author: mallory.userId, ...instead, relayMs: 1 });
  const node = { ...entryNode(scene, mallory.userId, instead), receipt: { bytes: encodeBase64url(receipt) } };
  scene.lies.rewrite("Chain", ({ chain }, asked) => {
    if (asked.variables.author === idOf(mallory) && !isOutline(asked)) chain.nodes = isHead(asked) ? [node] : [];
  });
  await becomeFriends(scene, alice, mallory);
  await scene.refused(scene.problemOf(alice));
  await scene.honest(async () => expect(await textsOf(await scene.loginHonestly(alice), mallory.username)).toEqual(["lawful"]));
});

/** The accomplice has a new card from now on. Answers its place. */
async function changeCard({ stage }: Scene, mallory: Member): Promise<number> {
  const place = mallory.hand.head.seq + 1;
  const { input, adopt } = await cardReplacement(stage.relay, mallory);
  await succeed(stage.relay, "replaceCard", input, mallory.token);
  adopt();
  return place;
}

/** Alice asks the accomplice, who accepts by hand. */
async function becomeFriends(scene: Scene, alice: Account, { username, hand, token }: Member): Promise<void> {
  await alice.friends.request(username);
  const { id } = (await alice.friends.requests()).sent[0] ?? { id: new Uint8Array() };
  const peer = await peerOf(scene, alice, { token } as Member);
  await succeed(scene.stage.relay, "acceptFriendship", { record: hand.acceptRecord(id, peer), grant: hand.grant(peer) }, token);
}

/** What the relay honestly hands out for one place of one's own chain. */
async function storedEntry({ stage }: Scene, { userId, token }: Member, seq: number): Promise<Json> {
  const query = "query ($author: UserId!, $before: Sequence) { chain(author: $author, before: $before, order: NEWEST_FIRST, first: 1) { nodes { author seq bytes withdrawn receipt { bytes } } } }";
  const { data } = await ask(stage.relay, { query, variables: { author: encodeBase64url(userId), before: seq + 1 }, token });
  return data.chain.nodes[0];
}

attack("a thought right behind the first card of somebody new", { refusal: "bad-epoch" }, async (scene) => {
  const [alice, mallory] = [await scene.login(await scene.register("alice")), await scene.accomplice()];
  const { hand, entries: [card = new Uint8Array()] } = mallory;
  const prev = entryHashOf(card.subarray(0, ENTRY_HEADER_BYTES));
  const genesis = entryNode(scene, mallory.userId, { bytes: card, seq: 0 });
  const behind = entryNode(scene, mallory.userId, hand.thought("too early", { seq: 1, prev }));
  scene.lies.rewrite("Chain", ({ chain }, asked) => {
    if (asked.variables.author === idOf(mallory)) chain.nodes = isHead(asked) || isOutline(asked) ? [genesis] : [behind];
  });
  // There is no epoch yet that a grant could be for.
  scene.lies.rewrite("Grants", ({ grants }) => void (grants.nodes = []));
  await becomeFriends(scene, alice, mallory);
  await scene.refused(scene.problemOf(alice));
  await scene.honest(async () => expect(await textsOf(await scene.loginHonestly(alice), mallory.username)).toEqual([]));
});

attack("another signed entry in the past than the one that was followed", { refusal: "bad-prev" }, async (scene) => {
  const { alice, mallory } = await cast.meet(scene);
  const reader = await scene.login(alice);
  scene.lies.rewrite("Chain", ({ chain }, asked) => {
    if (asked.variables.author !== idOf(mallory) || !isOlder(asked)) return;
    const [newest, ...rest] = chain.nodes;
    const { seq, prev } = parseEntry(parseBase64url(newest.bytes));
    chain.nodes = [entryNode(scene, mallory.userId, mallory.hand.thought("instead", { seq, prev })), ...rest];
  });
  await scene.refused(textsOf(reader, mallory.username));
  await scene.honest(async () => expect(await textsOf(reader, mallory.username)).toEqual(["lawful too", "lawful"]));
});
