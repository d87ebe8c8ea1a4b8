import { expect } from "vitest";
import type { Account } from "../../src/client/index.ts";
import { safetyNumber } from "../../src/crypto/index.ts";
import { encodeBase64url, EntryType, parseBase64url, parseEntry } from "../../src/protocol/index.ts";
import { codeOf, nextItem, nextNotice, nextTexts, textsOf } from "../scenario/support.ts";
import type { Author, Signed } from "../support/author.ts";
import { ask, type Json } from "../support/graphql.ts";
import { cardReplacement, write } from "../support/lawful-inputs.ts";
import { type Member, succeed } from "../support/member.ts";
import { befriendAccomplice, peerOf } from "./harness/accomplice.ts";
import { createStage } from "./harness/attack.ts";
import { idOf, type Scene } from "./harness/scene.ts";

// A relay that has the keys of a friend's old card, as a thief has who copied them, meets who knows of the new one.
const attack = createStage();

interface Pair {
  reader: Account;
  friend: Member;
  readerHand: Author;
}

async function meet(scene: Scene): Promise<Pair> {
  const [reader, friend] = [await scene.register("reader"), await scene.accomplice()];
  await befriendAccomplice(scene, reader, friend);
  return { reader, friend, readerHand: await peerOf(scene, reader, friend) };
}

/** The friend's hard reset; beside it another continuation of the same card, as whoever has the old keys can sign it. */
async function resetFriend({ stage }: Scene, { friend, readerHand }: Pick<Pair, "friend" | "readerHand">): Promise<{ entry: Signed; card: Uint8Array }> {
  const { card: entry, renewed } = friend.hand.cardChange();
  const { input, adopt } = await cardReplacement(stage.relay, friend, { recipients: [readerHand] });
  await succeed(stage.relay, "replaceCard", input, friend.token);
  adopt();
  return { entry, card: renewed.card.bytes };
}

/** The same, of which the reader hears. */
async function resetBefore(scene: Scene, pair: Pair): Promise<{ entry: Signed; card: Uint8Array }> {
  const told = nextNotice(pair.reader, "cardChanged");
  const forged = await resetFriend(scene, pair);
  await told;
  return forged;
}

async function grantedEpochs({ stage }: Scene, { reader, friend }: Pair): Promise<number[]> {
  const query = "query ($author: UserId!) { grants(author: $author) { nodes { epoch } } }";
  const { data } = await ask(stage.relay, { query, variables: { author: idOf(reader) }, token: friend.token });
  return data.grants.nodes.map(({ epoch }: Json) => epoch);
}

/** Changes the cards of this user wherever an answer shows them. */
function showCards({ lies }: Scene, { userId }: Member, change: (cards: { bytes: string }[]) => void): void {
  const visit = (value: Json): void => {
    if (typeof value !== "object" || value === null) return;
    if (value.id === encodeBase64url(userId) && value.cards) change(value.cards);
    Object.values(value).forEach(visit);
  };
  for (const operation of ["Friendships", "FriendshipById", "UserById", "UserByName"]) lies.rewrite(operation, (data) => visit(data));
}

attack("a second continuation of a friend's card", { refusal: "suspended" }, async (scene) => {
  const pair = await meet(scene);
  const { reader, friend, readerHand } = pair;
  const forged = await resetBefore(scene, pair);
  const granted = await grantedEpochs(scene, pair);
  showCards(scene, friend, (cards) => {
    if (cards[1]) cards[1].bytes = encodeBase64url(forged.card);
  });
  const victim = await scene.login(reader);
  await scene.refused(scene.told(victim, "suspended"));
  expect(victim.friends.list()).toEqual([]);
  await victim.thoughts.write(scene.secret("for nobody"));
  expect(await codeOf(victim.friends.reinstate(friend.username, "0"))).not.toBeUndefined();
  await victim.close();
  await scene.honest(async () => {
    // An honest relay changes nothing about it: only the two people can tell which card is right.
    const again = await scene.login(reader);
    await again.thoughts.write(scene.secret("for nobody either"));
    expect(await grantedEpochs(scene, pair)).toEqual(granted);
    expect(await codeOf(textsOf(again, friend.username))).toBe("NOT_FRIENDS");
    const number = await again.friends.safetyNumber(friend.username);
    expect(number).toBe(safetyNumber({ userId: friend.userId, cardHash: friend.hand.person.cardHash }, { userId: reader.userId, cardHash: readerHand.person.cardHash }));
    expect(await codeOf(again.friends.reinstate(friend.username, number.replaceAll(/\d/g, "0")))).toBe("FRIEND_SUSPENDED");
    await again.friends.reinstate(friend.username, number);
    expect(again.friends.list()).toMatchObject([{ username: friend.username, verification: "verified" }]);
    await again.thoughts.write(scene.secret("for both of us"));
    expect((await grantedEpochs(scene, pair)).at(-1)).toBeGreaterThan(granted.at(-1) ?? 0);
    await write(scene.stage.relay, friend, "read again");
    await expect.poll(() => textsOf(again, friend.username)).toEqual(["read again"]);
  });
});

attack("a second continuation of a friend's card, delivered as an entry", { refusal: "suspended" }, async (scene) => {
  const pair = await meet(scene);
  const { friend } = pair;
  const forged = await resetBefore(scene, pair);
  await pair.reader.close();
  const reader = await scene.login(pair.reader);
  const feed = reader.feed();
  await write(scene.stage.relay, friend, "honest");
  expect(await nextTexts(feed, 1)).toEqual(["honest"]);
  const number = await reader.friends.safetyNumber(friend.username);
  scene.lies.redeliver("EntryAppended", ({ entryAppended: { entry } }) => {
    if (entry?.author === encodeBase64url(friend.userId)) entry.bytes = encodeBase64url(forged.entry.bytes);
  });
  await write(scene.stage.relay, friend, "never shown");
  await scene.refused(scene.told(reader, "suspended"));
  expect(await nextItem(feed)).toMatchObject({ kind: "alarm", username: friend.username });
  // The card that was accepted stays pinned.
  expect(await reader.friends.safetyNumber(friend.username)).toBe(number);
  await scene.honest(async () => {
    await reader.friends.reinstate(friend.username, number);
    await expect.poll(() => textsOf(reader, friend.username)).toEqual(["never shown", "honest"]);
  });
});

attack("a friend's old card, shown again", { refusal: "FRIEND_SUSPENDED" }, async (scene) => {
  const pair = await meet(scene);
  const { reader, friend } = pair;
  await resetBefore(scene, pair);
  showCards(scene, friend, (cards) => void cards.splice(1));
  const granted = await grantedEpochs(scene, pair);
  const victim = await scene.login(reader);
  await scene.refused(scene.problemOf(victim));
  await victim.thoughts.write(scene.secret("sealed to nobody who shows an old card"));
  expect(await grantedEpochs(scene, pair)).toEqual(granted);
  expect(victim.friends.suspended()).toEqual([]);
  await scene.honest(async () => {
    const again = await scene.login(reader);
    await write(scene.stage.relay, friend, "believed");
    await expect.poll(() => textsOf(again, friend.username)).toEqual(["believed"]);
    await again.thoughts.write(scene.secret("and granted again"));
    await expect.poll(() => grantedEpochs(scene, pair)).not.toEqual(granted);
  });
});

attack("a friend's later card that is not in the log", { refusal: "CARD_NOT_LOGGED" }, async (scene) => {
  const pair = await meet(scene);
  const { reader, friend } = pair;
  await reader.close();
  await resetFriend(scene, pair);
  const granted = await grantedEpochs(scene, pair);
  // The honest relay has logged it. This one proves the reader's own card alone, as if nobody else had been shown the friend's.
  scene.lies.rewrite("KeyLog", ({ keyLog }, { variables }) => {
    if (variables.names.length === 0) keyLog.inclusion = keyLog.inclusion.map(() => null);
  });
  const victim = await scene.login(reader);
  await scene.refused(scene.problemOf(victim));
  await victim.thoughts.write(scene.secret("sealed to no card that is not logged"));
  expect(await grantedEpochs(scene, pair)).toEqual(granted);
  await victim.close();
  await scene.honest(async () => {
    const again = await scene.login(reader);
    expect(scene.noticesOf(again, "cardChanged")).toHaveLength(1);
    await write(scene.stage.relay, friend, "with the new card");
    await expect.poll(() => textsOf(again, friend.username)).toEqual(["with the new card"]);
  });
});

attack("an old card under which a thief writes on after the new one", { refusal: "bad-signer" }, async (scene) => {
  const pair = await meet(scene);
  const { reader, friend } = pair;
  const thief = friend.hand.clone();
  await resetBefore(scene, pair);
  await reader.close();
  const victim = await scene.login(reader);
  const feed = victim.feed();
  scene.lies.redeliver("EntryAppended", ({ entryAppended: { entry } }) => {
    if (entry?.author !== encodeBase64url(friend.userId)) return;
    const { seq, prev, epoch } = parseEntry(parseBase64url(entry.bytes));
    entry.bytes = encodeBase64url(thief.sign(EntryType.THOUGHT, new Uint8Array(73 + 256), { seq, prev, epoch }).bytes);
  });
  await write(scene.stage.relay, friend, "by the friend");
  await scene.refused(nextItem(feed).then((item) => (item.kind === "alarm" ? item.code : item.kind)));
  await scene.honest(async () => expect(await textsOf(await scene.loginHonestly(reader), friend.username)).toEqual(["by the friend"]));
});
