import { expect } from "vitest";
import type { Account } from "../../src/client/index.ts";
import { encodeInviteLink, parseInviteLink } from "../../src/protocol/index.ts";
import { nextNotice } from "../scenario/support.ts";
import { ask, type Json } from "../support/graphql.ts";
import { cardReplacement } from "../support/lawful-inputs.ts";
import { succeed } from "../support/member.ts";
import { createStage } from "./harness/attack.ts";
import { idOf, type Scene } from "./harness/scene.ts";

// A link takes the relay's word out of the first meeting: who uses it befriends its maker or nobody.
const attack = createStage();

const REQUESTS = ["RequestFriendship", "AcceptFriendship", "ConfirmFriendship"];

/** The link as somebody gets it who is signed in where the relay lies. */
function linkOf({ stage }: Scene, maker: Account): string {
  return encodeInviteLink({ ...parseInviteLink(maker.friends.inviteLink()), relay: stage.hostile.origin });
}

/** What the relay honestly says about somebody. */
async function userOf({ stage }: Scene, somebody: Account): Promise<Json> {
  const query = "query ($id: UserId!) { user(id: $id) { id username cards { bytes } } }";
  const { data } = await ask(stage.relay, { query, variables: { id: idOf(somebody) }, token: await somebody.accessToken() });
  return data.user;
}

/** The relay answers the use of Alice's link with a lie, and with the truth afterwards. */
async function useLink(scene: Scene, lie: (user: Json, mallory: Json) => Json): Promise<void> {
  const [alice, bob, mallory] = [await scene.register("alice"), await scene.register("bob"), await scene.register("mallory")];
  const victim = await scene.login(bob);
  const link = linkOf(scene, alice);
  const foreign = await userOf(scene, mallory);
  scene.lies.rewrite("UserById", ({ user }) => ({ user: lie(user, foreign) }));
  await scene.refused(victim.friends.request({ link }));
  expect(await scene.nothingSent(...REQUESTS)).toBe("NOTHING_SENT");
  await scene.honest(async () => {
    const told = nextNotice(victim, "befriended");
    await victim.friends.request({ link });
    await alice.friends.accept(bob.username);
    await told;
    expect(victim.friends.list()).toMatchObject([{ userId: alice.userId, verification: "verified" }]);
    await expect.poll(() => alice.friends.list()).toMatchObject([{ userId: bob.userId, verification: "unverified" }]);
  });
}

attack("somebody else's identity for the id of a link", { refusal: "INVITE_REFUSED: CARD_REFUSED" }, (scene) => useLink(scene, (_, mallory) => mallory));

attack("somebody else's cards and id under the name of a link", { refusal: "INVITE_REFUSED: CARD_REFUSED" }, (scene) =>
  useLink(scene, ({ username }, mallory) => ({ ...mallory, username })),
);

attack("somebody else's cards under the id of a link", { refusal: "INVITE_REFUSED: CARD_REFUSED: bad-card" }, (scene) =>
  useLink(scene, (user, { cards }) => ({ ...user, cards })),
);

attack("no cards for the id of a link", { refusal: "INVITE_REFUSED: CARD_REFUSED: bad-card" }, (scene) => useLink(scene, (user) => ({ ...user, cards: [] })));

attack("another name than a link's for its id", { refusal: "INVITE_REFUSED" }, (scene) => useLink(scene, (user, { username }) => ({ ...user, username })));

attack("nobody for the id of a link", { refusal: "USER_UNKNOWN" }, (scene) => useLink(scene, () => null));

attack("the card that a link names, hidden: an older one may have leaked", { refusal: "INVITE_REFUSED" }, async (scene) => {
  const [bob, maker] = [await scene.register("bob"), await scene.accomplice()];
  const firstCard = maker.hand.person.cardHash;
  const { input, adopt } = await cardReplacement(scene.stage.relay, maker);
  await succeed(scene.stage.relay, "replaceCard", input, maker.token);
  adopt();
  const [link, older] = [maker.hand.person.cardHash, firstCard].map((cardHash) => encodeInviteLink({ relay: scene.stage.hostile.origin, userId: maker.userId, cardHash })) as [string, string];
  const victim = await scene.login(bob);
  scene.lies.rewrite("UserById", ({ user }) => void user.cards.splice(1));
  await scene.refused(victim.friends.request({ link }));
  expect(await scene.nothingSent(...REQUESTS)).toBe("NOTHING_SENT");
  await scene.honest(async () => {
    await victim.friends.request({ link });
    await victim.friends.cancel(maker.username);
    // A link from before the card goes on working.
    await victim.friends.request({ link: older });
    expect((await victim.friends.requests()).sent).toMatchObject([{ username: maker.username }]);
  });
});

attack("a forged link to verify a friend with", { refusal: "INVITE_REFUSED" }, async (scene) => {
  const [alice, bob] = await scene.friends("alice", "bob");
  const forged = encodeInviteLink({ ...parseInviteLink(bob.friends.inviteLink()), cardHash: new Uint8Array(32).fill(7) });
  await scene.refused(alice.friends.verifyByLink(forged));
  expect(alice.friends.list()).toMatchObject([{ verification: "unverified" }]);
  await scene.honest(async () => {
    await alice.friends.verifyByLink(bob.friends.inviteLink());
    expect(alice.friends.list()).toMatchObject([{ verification: "verified" }]);
  });
});

attack("the safety number of somebody else", { refusal: "SAFETY_NUMBER_DIFFERS" }, async (scene) => {
  const [alice, bob] = await scene.friends("alice", "bob");
  const [mallory, carol] = await scene.friends("mallory", "carol");
  await scene.refused(alice.friends.markVerified(bob.username, await mallory.friends.safetyNumber(carol.username)));
  expect(alice.friends.list()).toMatchObject([{ verification: "unverified" }]);
  // Each reads theirs to the other.
  const [alices, bobs] = [await alice.friends.safetyNumber(bob.username), await bob.friends.safetyNumber(alice.username)];
  await scene.honest(async () => {
    await alice.friends.markVerified(bob.username, bobs);
    await bob.friends.markVerified(alice.username, alices);
    expect(alice.friends.list()).toMatchObject([{ verification: "verified" }]);
  });
});
