import { expect } from "vitest";
import type { Account } from "../../src/client/index.ts";
import { sign } from "../../src/crypto/sign.ts";
import { concatBytes, encodeBase64url, FRIENDSHIP_RECORD_BYTES, parseBase64url } from "../../src/protocol/index.ts";
import { type Author, fidOf } from "../support/author.ts";
import { ask, type Json } from "../support/graphql.ts";
import { type Member, mutate, succeed } from "../support/member.ts";
import { befriendAccomplice, peerOf } from "./harness/accomplice.ts";
import { createStage } from "./harness/attack.ts";
import { idOf, type Scene } from "./harness/scene.ts";
import { share } from "./harness/share.ts";

// A false friend takes the step of the other side, and an honest relay is asked to believe it.
const attack = createStage();

interface Asked {
  alice: Account;
  mallory: Member;
  peer: Author;
  fid: Uint8Array;
}

/** Mallory has asked Alice. */
async function askedByMallory(scene: Scene): Promise<Asked> {
  const [alice, mallory] = [await scene.register("alice"), await scene.accomplice()];
  const peer = await peerOf(scene, alice, mallory);
  const record = mallory.hand.requestRecord(peer);
  await succeed(scene.stage.relay, "requestFriendship", { record }, mallory.token);
  return { alice, mallory, peer, fid: fidOf(record) };
}

/** Alice has asked Mallory, and is away. */
async function askedByAlice(scene: Scene): Promise<Asked> {
  const [alice, mallory] = [await scene.register("alice"), await scene.accomplice()];
  await alice.friends.request(mallory.username);
  await alice.close();
  const query = "{ viewer { requests(direction: RECEIVED, first: 50) { nodes { id requester { id } } } } }";
  const { data } = await ask(scene.stage.relay, { query, token: mallory.token });
  const { id } = data.viewer.requests.nodes.find(({ requester }: Json) => requester.id === idOf(alice));
  return { alice, mallory, peer: await peerOf(scene, alice, mallory), fid: parseBase64url(id) };
}

/** The code by which the relay refuses; undefined if it does what it is asked for. */
async function codeOfStep(scene: Scene, mutation: string, input: unknown, { token }: Member): Promise<string | undefined> {
  const { word, result } = await mutate(scene.stage.relay, mutation, input, token);
  return result && !("code" in result) ? undefined : word;
}

async function acceptByHand({ stage }: Scene, { mallory, peer, fid }: Asked): Promise<void> {
  await succeed(stage.relay, "acceptFriendship", { record: mallory.hand.acceptRecord(fid, peer), grant: mallory.hand.grant(peer) }, mallory.token);
}

const becomeFriends = (scene: Scene, { alice, mallory }: Asked): Promise<void> =>
  scene.honest(() => expect.poll(async () => (await scene.loginHonestly(alice)).friends.list(), { timeout: 10_000 }).toMatchObject([{ username: mallory.username }]));

attack("an own request, accepted by oneself", { refusal: "FRIENDSHIP_STATE" }, async (scene) => {
  const asked = await askedByMallory(scene);
  const { mallory, peer, fid } = asked;
  await scene.refused(codeOfStep(scene, "acceptFriendship", { record: mallory.hand.acceptRecord(fid, peer), grant: mallory.hand.grant(peer) }, mallory));
  await asked.alice.friends.accept(mallory.username);
  await succeed(scene.stage.relay, "confirmFriendship", { record: mallory.hand.confirmRecord(fid, peer), grant: mallory.hand.grant(peer) }, mallory.token);
  await becomeFriends(scene, asked);
});

attack("an own request, declined by oneself in the other one's place", { refusal: "FRIENDSHIP_STATE" }, async (scene) => {
  const asked = await askedByMallory(scene);
  const { mallory, peer, fid } = asked;
  await scene.refused(codeOfStep(scene, "declineFriendship", { record: mallory.hand.declineRecord(fid, peer) }, mallory));
  await asked.alice.friends.accept(mallory.username);
  await succeed(scene.stage.relay, "confirmFriendship", { record: mallory.hand.confirmRecord(fid, peer), grant: mallory.hand.grant(peer) }, mallory.token);
  await becomeFriends(scene, asked);
});

attack("a friendship confirmed by who was asked", { refusal: "FRIENDSHIP_STATE" }, async (scene) => {
  const asked = await askedByAlice(scene);
  const { mallory, peer, fid } = asked;
  await acceptByHand(scene, asked);
  await scene.refused(codeOfStep(scene, "confirmFriendship", { record: mallory.hand.confirmRecord(fid, peer), grant: mallory.hand.grant(peer) }, mallory));
  await becomeFriends(scene, asked);
});

attack("somebody else's request, taken back by who was asked", { refusal: "FRIENDSHIP_STATE" }, async (scene) => {
  const asked = await askedByAlice(scene);
  const { mallory, peer, fid } = asked;
  await scene.refused(codeOfStep(scene, "cancelFriendship", { record: mallory.hand.cancelRecord(fid, peer) }, mallory));
  await acceptByHand(scene, asked);
  await becomeFriends(scene, asked);
});

const friends = share(async (scene) => {
  const [alice, mallory] = [await scene.register("alice"), await scene.accomplice()];
  return { alice, mallory, fid: await befriendAccomplice(scene, alice, mallory) };
});

attack("the end of a friendship, signed under the label of an acceptance", { refusal: "bad-sig" }, async (scene) => {
  const { alice, mallory, fid } = await friends.meet(scene);
  const { hand } = mallory;
  const record = hand.unfriendRecord(fid, await peerOf(scene, alice, mallory)).slice(0, FRIENDSHIP_RECORD_BYTES);
  const endRecord = encodeBase64url(concatBytes(record, sign(hand.person.identity.sign.secretKey, "acc", record)));
  scene.lies.rewrite("Friendships", ({ viewer }) => {
    for (const friendship of viewer.friends.nodes as Json[]) Object.assign(friendship, { state: "ENDED", endRecord });
  });
  await scene.refused(scene.problemOf(await scene.login(alice)));
  await scene.honest(async () => expect((await scene.loginHonestly(alice)).friends.list()).toMatchObject([{ username: mallory.username }]));
});

attack("an epoch of one's own, withdrawn so that nobody reads what came before", { refusal: "THOUGHT_NOT_FOUND" }, async (scene) => {
  const { alice, mallory } = await friends.meet(scene);
  const { hand } = mallory;
  const tombstone = hand.tombstone(hand.head.hash);
  await scene.refused(codeOfStep(scene, "withdrawThought", { entry: tombstone.bytes }, mallory));
  await scene.honest(async () => expect((await scene.loginHonestly(alice)).friends.list()).toMatchObject([{ username: mallory.username }]));
});
