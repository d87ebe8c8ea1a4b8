import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Account, ConnectOptions, Notice } from "../../src/client/index.ts";
import { cardHashOf, safetyNumber } from "../../src/crypto/index.ts";
import { encodeBase64url, parseBase64url, parseCard } from "../../src/protocol/index.ts";
import { codeOf, nextItem, nextNotice, nextTexts, textsOf } from "../scenario/support.ts";
import type { Author, Signed } from "../support/author.ts";
import { ask } from "../support/graphql.ts";
import { cardReplacement, write } from "../support/lawful-inputs.ts";
import { createLyingSocket } from "../support/lying-socket.ts";
import { createMember, type Member, succeed } from "../support/member.ts";
import { createHostileRelay, createWorld, type Answer, type World } from "./support.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

/** Somebody who has a friend whose keys this test holds, as a thief does who copied them. */
interface Pair {
  reader: Account;
  friend: Member;
  readerHand: Author;
}

async function createPair(username: string, options: Partial<ConnectOptions> = {}): Promise<Pair> {
  const reader = await world.register(username, options);
  const friend = await createMember(world.relay);
  await reader.friends.request(friend.username);
  const readerHand = await handOf(reader);
  const { data } = await ask(world.relay, { query: "{ viewer { requests { nodes { id } } } }", token: friend.token });
  const fid = parseBase64url(data.viewer.requests.nodes[0].id);
  const told = nextNotice(reader, "befriended");
  await succeed(world.relay, "acceptFriendship", { record: friend.hand.acceptRecord(fid, readerHand), grant: friend.hand.grant(readerHand) }, friend.token);
  await told;
  return { reader, friend, readerHand };
}

/** What a hand needs to know of an account to sign and seal for it. */
async function handOf({ userId }: Account): Promise<Author> {
  const { data } = await ask(world.relay, { query: "query ($id: UserId!) { user(id: $id) { card { bytes } } }", variables: { id: encodeBase64url(userId) }, token: (await anybody()).token });
  const card = parseCard(parseBase64url(data.user.card.bytes));
  return { userId, person: { card, cardHash: cardHashOf(card) } } as Author;
}

let somebody: Member | undefined;
async function anybody(): Promise<Member> {
  return (somebody ??= await createMember(world.relay));
}

/** The friend's hard reset; beside it another continuation of the same card, as whoever has the old keys can sign it. */
async function resetFriend({ reader, friend, readerHand }: Pair): Promise<{ entry: Signed; card: Uint8Array }> {
  const { card: entry, renewed } = friend.hand.cardChange();
  const { input, adopt } = await cardReplacement(world.relay, friend, { recipients: [readerHand] });
  const told = nextNotice(reader, "cardChanged");
  await succeed(world.relay, "replaceCard", input, friend.token);
  adopt();
  await told;
  return { entry, card: renewed.card.bytes };
}

const grantedEpochs = async ({ reader, friend }: Pair): Promise<number[]> => {
  const query = "query ($author: UserId!) { grants(author: $author) { nodes { epoch } } }";
  const { data } = await ask(world.relay, { query, variables: { author: encodeBase64url(reader.userId) }, token: friend.token });
  return data.grants.nodes.map(({ epoch }: { epoch: number }) => epoch);
};

/** Changes the cards of this user wherever an answer over HTTP shows them. */
function showCards(hostile: ReturnType<typeof createHostileRelay>, username: string, change: (cards: { bytes: string }[]) => void): void {
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const { username: name, cards } = value as { username?: string; cards?: { bytes: string }[] };
    if (name === username && cards) change(cards);
    for (const part of Object.values(value)) visit(part);
  };
  for (const field of ["viewer", "user", "userByName", "friendship"]) hostile.tamper(field, (data: Answer) => visit(data[field]));
}

describe("a relay that has the keys of a friend's old card", () => {
  test("and shows a second continuation of it suspends the friend; nothing is sealed to either card until numbers are compared", async () => {
    const pair = await createPair("anna");
    const { reader, friend } = pair;
    const forged = await resetFriend(pair);
    const granted = await grantedEpochs(pair);
    const hostile = createHostileRelay();
    showCards(hostile, friend.username, (cards) => {
      if (cards[1]) cards[1].bytes = encodeBase64url(forged.card);
    });
    const notices: Notice[] = [];
    const second = await world.login("anna", { ...hostile, onNotice: (notice) => void notices.push(notice) });
    expect(notices).toContainEqual(expect.objectContaining({ kind: "suspended", username: friend.username }));
    expect(second.friends.list()).toEqual([]);
    expect(second.friends.suspended()).toMatchObject([{ username: friend.username }]);
    await second.thoughts.write("for nobody");
    await second.close();
    expect(await codeOf(second.friends.reinstate(friend.username, "0"))).not.toBeUndefined();

    // An honest relay changes nothing about it: only the two people can tell which card is right.
    const honest = await world.login("anna");
    await honest.thoughts.write("for nobody either");
    expect(await grantedEpochs(pair)).toEqual(granted);
    expect(await codeOf(textsOf(honest, friend.username))).toBe("NOT_FRIENDS");
    const number = await honest.friends.safetyNumber(friend.username);
    expect(number).toBe(safetyNumber({ userId: friend.userId, cardHash: friend.hand.person.cardHash }, { userId: reader.userId, cardHash: (await handOf(reader)).person.cardHash }));
    expect(await codeOf(honest.friends.reinstate(friend.username, number.replaceAll(/\d/g, "0")))).toBe("FRIEND_SUSPENDED");
    expect(honest.friends.suspended()).toHaveLength(1);
    await honest.friends.reinstate(friend.username, number);
    expect(honest.friends.list()).toMatchObject([{ username: friend.username, verification: "verified" }]);
    await honest.thoughts.write("for both of us");
    expect((await grantedEpochs(pair)).at(-1)).toBeGreaterThan(granted.at(-1) ?? 0);
    await write(world.relay, friend, "read again");
    await expect.poll(() => textsOf(honest, friend.username)).toEqual(["read again"]);
  });

  test("and delivers it as an entry suspends the friend too; the card that was accepted stays pinned", async () => {
    const socket = createLyingSocket();
    const pair = await createPair("berta", { webSocket: socket.webSocket });
    const { reader, friend } = pair;
    const forged = await resetFriend(pair);
    const feed = reader.feed();
    await write(world.relay, friend, "honest");
    expect(await nextTexts(feed, 1)).toEqual(["honest"]);
    const number = await reader.friends.safetyNumber(friend.username);
    const told = nextNotice(reader, "suspended");
    socket.lie((message) => message.replace(/"bytes":"AQ[I-L][\w-]+"/, `"bytes":"${encodeBase64url(forged.entry.bytes)}"`));
    await write(world.relay, friend, "never shown");
    await told;
    expect(await nextItem(feed)).toMatchObject({ kind: "alarm", username: friend.username });
    expect(await reader.friends.safetyNumber(friend.username)).toBe(number);
  });

  test("and shows the old card again gets nothing sealed to it; an honest relay is believed afterwards", async () => {
    const pair = await createPair("clara");
    const { friend } = pair;
    await resetFriend(pair);
    const hostile = createHostileRelay();
    showCards(hostile, friend.username, (cards) => void cards.splice(1));
    const problems: unknown[] = [];
    const granted = await grantedEpochs(pair);
    const second = await world.login("clara", { ...hostile, onNotice: (notice) => void (notice.kind === "problem" && problems.push(notice.cause)) });
    expect(problems).toContainEqual(expect.objectContaining({ code: "FRIEND_SUSPENDED" }));
    await second.thoughts.write("sealed to nobody who shows an old card");
    expect(await grantedEpochs(pair)).toEqual(granted);
    expect(second.friends.suspended()).toEqual([]);

    hostile.reform();
    const honest = await world.login("clara", hostile);
    await write(world.relay, friend, "believed");
    await expect.poll(() => textsOf(honest, friend.username)).toEqual(["believed"]);
    await honest.thoughts.write("and granted again");
    await expect.poll(() => grantedEpochs(pair)).not.toEqual(granted);
  });
});
