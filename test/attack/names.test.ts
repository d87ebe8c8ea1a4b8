import { expect } from "vitest";
import type { Account } from "../../src/client/index.ts";
import { befriend, textsOf } from "../scenario/support.ts";
import { ask, type Json } from "../support/graphql.ts";
import { createStage } from "./harness/attack.ts";
import { idOf, type Scene } from "./harness/scene.ts";

// Names are the relay's word, once: from then on a name stands for the keys that were met under it.
const attack = createStage();

const MATRIX = "Matrix 2022: confused identifiers";

attack("somebody else's cards under the user id that was asked for", { refusal: "CARD_REFUSED: bad-card" }, async (scene) => {
  const [alice, bob, mallory] = [await scene.register("alice"), await scene.register("bob"), await scene.register("mallory")];
  const victim = await scene.login(alice);
  const cards = await cardsOf(scene, mallory);
  scene.lies.rewrite("UserById", ({ user }) => void (user.cards = cards));
  await scene.refused(victim.friends.request({ id: idOf(bob) }));
  await scene.honest(async () => {
    await victim.friends.request({ id: idOf(bob) });
    expect((await bob.friends.requests()).received).toMatchObject([{ username: alice.username }]);
  });
});

attack("another user than the one whose id was asked for", { refusal: "CARD_REFUSED", replays: MATRIX }, async (scene) => {
  const [alice, bob, mallory] = [await scene.register("alice"), await scene.register("bob"), await scene.register("mallory")];
  const victim = await scene.login(alice);
  const cards = await cardsOf(scene, mallory);
  scene.lies.invent("UserById", () => ({ user: { id: idOf(mallory), username: bob.username, cards } }));
  await scene.refused(victim.friends.request({ id: idOf(bob) }));
  await scene.honest(() => victim.friends.request({ id: idOf(bob) }));
});

attack("another name than the one that was asked for", { refusal: "CARD_REFUSED" }, async (scene) => {
  const [alice, bob] = [await scene.register("alice"), await scene.register("bob")];
  const victim = await scene.login(alice);
  scene.lies.rewrite("UserByName", ({ userByName }) => void (userByName.username = "somebody_else"));
  await scene.refused(victim.friends.request(bob.username));
  await scene.honest(() => victim.friends.request(bob.username));
});

attack("somebody else under a name that was asked for the first time", { refusal: "CARD_NOT_LOGGED" }, async (scene) => {
  const [alice, bob, mallory] = [await scene.register("alice"), await scene.register("bob"), await scene.register("mallory")];
  const cards = await cardsOf(scene, mallory);
  scene.lies.rewrite("UserByName", () => ({ userByName: { id: idOf(mallory), username: bob.username, cards } }));
  const victim = await scene.login(alice);
  await scene.refused(victim.friends.request(bob.username));
  await scene.honest(async () => {
    await befriend(victim, bob);
    expect(await victim.friends.safetyNumber(bob.username)).toBe(await bob.friends.safetyNumber(alice.username));
    expect(victim.friends.list()).toMatchObject([{ userId: bob.userId, verification: "unverified" }]);
  });
});

attack("two friends under each other's names", { refusal: "FRIEND_SUSPENDED", replays: MATRIX }, async (scene) => {
  const [alice, bob] = await scene.friends("alice", "bob");
  const carol = await scene.register("carol");
  await befriend(alice, carol);
  const [byBob, byCarol] = [scene.secret("by Bob"), scene.secret("by Carol")];
  await bob.thoughts.write(byBob);
  await carol.thoughts.write(byCarol);
  const other = new Map([[bob.username, carol.username], [carol.username, bob.username]]);
  scene.lies.rewrite("Friendships", ({ viewer }) => {
    for (const { requester, accepter } of viewer.friends.nodes as Json[]) {
      for (const user of [requester, accepter]) user.username = other.get(user.username) ?? user.username;
    }
  });
  await scene.refused(scene.problemOf(await scene.login(alice)));
  await scene.honest(async () => {
    const reader = await scene.login(alice);
    expect(await textsOf(reader, bob.username)).toEqual([byBob]);
    expect(await textsOf(reader, carol.username)).toEqual([byCarol]);
  });
});

attack("a stranger's request under the name of a friend", { refusal: "CARD_REFUSED", replays: MATRIX }, async (scene) => {
  const [alice, bob] = await scene.friends("alice", "bob");
  const mallory = await scene.register("mallory");
  await mallory.friends.request(alice.username);
  const victim = await scene.login(alice);
  scene.lies.rewrite("Requests", ({ viewer }) => {
    for (const { requester } of viewer.requests.nodes as Json[]) if (requester.id === idOf(mallory)) requester.username = bob.username;
  });
  await scene.refused(victim.friends.accept(bob.username));
  expect(await scene.nothingSent("AcceptFriendship")).toBe("NOTHING_SENT");
  await scene.honest(async () => {
    expect(victim.friends.list()).toMatchObject([{ userId: bob.userId }]);
    await victim.friends.accept(mallory.username);
  });
});

attack("another name for the one who signs in", { refusal: "OWN_CARD_MISMATCH", replays: MATRIX }, async (scene) => {
  const [alice, bob] = await scene.friends("alice", "bob");
  scene.lies.rewrite("ViewerState", ({ viewer }) => void (viewer.user.username = bob.username));
  await scene.refused(scene.login(alice));
  await scene.honest(async () => expect((await scene.login(alice)).username).toBe(alice.username));
});

attack("another user's whole identity for the one who signs in", { refusal: "OWN_CARD_MISMATCH", replays: MATRIX }, async (scene) => {
  const [alice, bob] = await scene.friends("alice", "bob");
  const text = scene.secret("by Alice");
  await alice.thoughts.write(text);
  const user = { id: idOf(bob), username: alice.username, cards: await cardsOf(scene, bob) };
  scene.lies.rewrite("ViewerState", ({ viewer }) => ({ viewer: { ...viewer, user } }));
  await scene.refused(scene.login(alice));
  await scene.honest(async () => expect(await textsOf(await scene.login(alice))).toEqual([text]));
});

attack("somebody else's cards for the one who signs in", { refusal: "CARD_REFUSED: bad-card" }, async (scene) => {
  const [alice, mallory] = [await scene.register("alice"), await scene.register("mallory")];
  const cards = await cardsOf(scene, mallory);
  scene.lies.rewrite("ViewerState", ({ viewer }) => void (viewer.user.cards = cards));
  await scene.refused(scene.login(alice));
  await scene.honest(async () => expect((await scene.login(alice)).userId).toEqual(alice.userId));
});

attack("a friend's cards replaced by somebody else's, later", { refusal: "CARD_REFUSED: bad-card" }, async (scene) => {
  const [alice, bob] = await scene.friends("alice", "bob");
  const mallory = await scene.register("mallory");
  const text = scene.secret("by Bob");
  await bob.thoughts.write(text);
  const cards = await cardsOf(scene, mallory);
  scene.lies.rewrite("Friendships", ({ viewer }) => changeUser(viewer.friends.nodes, bob, (user) => void (user.cards = cards)));
  await scene.refused(scene.problemOf(await scene.login(alice)));
  await scene.readsHonestly(alice, bob, text);
});

attack("a friend replaced by somebody else, later", { refusal: "bad-author", replays: MATRIX }, async (scene) => {
  const [alice, bob] = await scene.friends("alice", "bob");
  const mallory = await scene.register("mallory");
  const text = scene.secret("by Bob");
  await bob.thoughts.write(text);
  const foreign = { id: idOf(mallory), username: bob.username, cards: await cardsOf(scene, mallory) };
  scene.lies.rewrite("Friendships", ({ viewer }) => changeUser(viewer.friends.nodes, bob, (user) => void Object.assign(user, foreign)));
  await scene.refused(scene.problemOf(await scene.login(alice)));
  await scene.readsHonestly(alice, bob, text);
});

/** Somebody's cards, as the relay hands them out. */
async function cardsOf({ stage }: Scene, somebody: Account): Promise<Json> {
  const query = "query ($id: UserId!) { user(id: $id) { cards { bytes } } }";
  const { data } = await ask(stage.relay, { query, variables: { id: idOf(somebody) }, token: await somebody.accessToken() });
  return data.user.cards;
}

function changeUser(friendships: Json[], { userId }: { userId: Uint8Array }, change: (user: Json) => void): void {
  for (const { requester, accepter } of friendships) for (const user of [requester, accepter]) if (user.id === idOf({ userId })) change(user);
}
