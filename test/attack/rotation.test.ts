import { expect } from "vitest";
import { deriveThoughtKey, openBackLink, openGrant, openThought } from "../../src/crypto/index.ts";
import { encodeBase64url, EntryType, parseBase64url, parseEntry, parseEpochPayload, parseGrant, type ProtocolError } from "../../src/protocol/index.ts";
import { befriend, nextNotice, textsOf } from "../scenario/support.ts";
import { ask, type Json } from "../support/graphql.ts";
import { mutate, type Member } from "../support/member.ts";
import type { Account } from "../../src/client/index.ts";
import { befriendAccomplice, peerOf } from "./harness/accomplice.ts";
import { createStage } from "./harness/attack.ts";
import { idOf, type Scene } from "./harness/scene.ts";

const attack = createStage();

const refuse = (field: string, typename = "Refused", code = "EPOCH_STALE") => (): Json => ({ [field]: { __typename: typename, code, message: "" } });

attack("thoughts that the relay would take while it refuses the rotation", { refusal: "CONFLICT" }, async (scene) => {
  const [alice, bob] = await scene.friends("alice", "bob");
  const victim = await scene.login(alice);
  scene.lies.invent("EndFriendship", refuse("endFriendship"));
  scene.lies.invent("AppendEntries", refuse("appendEntries"));
  await scene.refused(victim.friends.end(bob.username));
  await scene.refused(victim.thoughts.write(scene.secret("not for Bob")));
  expect(await scene.nothingSent("CreateThought")).toBe("NOTHING_SENT");
  await scene.honest(async () => {
    const written = await victim.thoughts.write(scene.secret("without Bob"));
    expect(written.epoch).toBe(1);
  });
});

attack("the grants of a rotation that was refused, kept for the next one", { refusal: "CONFLICT" }, async (scene) => {
  const [alice, bob] = await scene.friends("alice", "bob");
  const carol = await scene.register("carol");
  await befriend(alice, carol);
  const victim = await scene.login(alice);
  const attempts: Json[] = [];
  const note = ({ variables }: { variables: Json }): void => void attempts.push(variables.input);
  scene.lies.invent("EndFriendship", (asked) => (note(asked), refuse("endFriendship")()));
  scene.lies.invent("AppendEntries", (asked) => (note(asked), refuse("appendEntries")()));
  await scene.refused(victim.friends.end(bob.username));
  await scene.refused(victim.friends.end(carol.username));
  const kept = commitmentsGrantedTo(attempts, carol);
  expect(kept.length).toBeGreaterThan(0);
  await scene.honest(async () => {
    await victim.friends.end(carol.username);
    await victim.thoughts.write(scene.secret("without Bob and Carol"));
    const chain = await readOwnChain(scene, victim);
    const epochs = chain.map((bytes) => parseEntry(bytes)).filter(({ type }) => type === EntryType.EPOCH);
    const newest = epochs.at(-1);
    // Carol was sealed a key in the refused attempt: it is never the key of an epoch that excludes her.
    expect(kept).not.toContain(newest && encodeBase64url(parseEpochPayload(newest.payload).commitment));
  });
});

/** What the epochs that were tried commit to, where this person was among those who got the key. */
function commitmentsGrantedTo(attempts: Json[], { userId }: Account): string[] {
  const grants = attempts.flatMap(({ grants: sent }) => (sent as string[]).map((grant) => parseGrant(parseBase64url(grant))));
  return grants.filter(({ recipient }) => encodeBase64url(recipient) === idOf({ userId })).map(({ commitment }) => encodeBase64url(commitment));
}

async function readOwnChain({ stage }: Scene, account: Account): Promise<Uint8Array[]> {
  const query = "query ($author: UserId!) { chain(author: $author, first: 100) { nodes { bytes withdrawn } } }";
  const { data } = await ask(stage.relay, { query, variables: { author: idOf(account) }, token: await account.accessToken() });
  return data.chain.nodes.map(({ bytes }: Json) => parseBase64url(bytes));
}

attack("an ex-friend with all old keys, to whom the relay gives the new entries", { refusal: "bad-seal" }, async (scene) => {
  const alice = await scene.register("alice");
  const mallory = await scene.accomplice();
  const before = scene.secret("before the end");
  await alice.thoughts.write(before);
  await befriendAccomplice(scene, alice, mallory);
  const key = await keyGrantedTo(scene, mallory, alice);
  await alice.friends.end(mallory.username);
  await alice.thoughts.write(scene.secret("after the end"));
  const entries = (await readOwnChain(scene, alice)).map((bytes) => parseEntry(bytes));
  const [first, second] = entries.filter(({ type }) => type === EntryType.THOUGHT);
  const [epoch0, epoch1] = entries.filter(({ type }) => type === EntryType.EPOCH).map(({ payload }) => parseEpochPayload(payload));
  if (!first || !second || !epoch0 || !epoch1) throw new Error("the chain is shorter than expected");
  expect(openThought(deriveThoughtKey(key, alice.userId, 0), first).t).toBe(before);
  for (const n of [0, 1]) await scene.refused(codeThrownBy(() => openThought(deriveThoughtKey(key, alice.userId, n), second)));
  expect(await codeThrownBy(() => openBackLink({ author: alice.userId, key, payload: epoch1, previousPayload: epoch0 }))).toBe("bad-commit");
  await scene.honest(async () => expect(await textsOf(await scene.login(alice))).toHaveLength(2));
});

async function keyGrantedTo(scene: Scene, { hand, token, userId }: Member, author: Account): Promise<Uint8Array> {
  const query = "query ($author: UserId!) { grants(author: $author, first: 10) { nodes { bytes } } }";
  await expect.poll(async () => (await ask(scene.stage.relay, { query, variables: { author: idOf(author) }, token })).data.grants.nodes).toHaveLength(1);
  const { data } = await ask(scene.stage.relay, { query, variables: { author: idOf(author) }, token });
  const grantBytes = parseBase64url(data.grants.nodes[0].bytes);
  const { person } = await peerOf(scene, author, { token } as Member);
  const epoch = (await readOwnChain(scene, author)).map((bytes) => parseEntry(bytes)).find(({ type }) => type === EntryType.EPOCH);
  const recipient = { userId, identity: hand.person.identity, cardHash: hand.person.cardHash };
  return openGrant({ grantBytes, recipient, author: { userId: author.userId, card: person.card }, epoch: parseEpochPayload(epoch?.payload ?? new Uint8Array()) }).key;
}

async function codeThrownBy(work: () => unknown): Promise<string | undefined> {
  try {
    work();
    return undefined;
  } catch (error) {
    return (error as ProtocolError).code;
  }
}

attack("a friend who writes in the author's name", { refusal: "SIGNER_NOT_VIEWER" }, async (scene) => {
  const alice = await scene.register("alice");
  const mallory = await scene.accomplice();
  await befriendAccomplice(scene, alice, mallory);
  const forged = mallory.hand.thought("as if by Alice", { author: alice.userId });
  const { word } = await mutate(scene.stage.relay, "createThought", { entry: forged.bytes }, mallory.token);
  await scene.refused(Promise.resolve(word));
  await scene.honest(async () => expect(await textsOf(await scene.login(alice))).toEqual([]));
});

attack("a grant that a friend stores for somebody who is nobody's friend", { refusal: "GRANT_INVALID" }, async (scene) => {
  const [mallory, stranger] = [await scene.accomplice(), await scene.accomplice()];
  const alice = await scene.register("alice");
  const { word } = await mutate(scene.stage.relay, "storeGrants", { grants: [mallory.hand.grant(stranger.hand)] }, mallory.token);
  await scene.refused(Promise.resolve(word));
  await scene.honest(async () => expect((await scene.login(alice)).userId).toEqual(alice.userId));
});

attack("the size of a text that an eavesdropper would know by its compression", { refusal: "SAME_SIZE", replays: "Threema 2023: sizes that compression gives away" }, async (scene) => {
  const [alice, bob] = await scene.friends("alice", "bob");
  const victim = await scene.login(alice);
  const ended = nextNotice(bob, "ended");
  const texts = [scene.secret("a".repeat(100)), scene.secret("qX7!vB2#".repeat(12).slice(0, 60))];
  for (const text of texts) await victim.thoughts.write(text);
  const sizes = scene.asked().filter(({ operation }) => operation === "CreateThought").map(({ variables }) => String(variables.input.entry).length);
  await scene.refused(Promise.resolve(new Set(sizes).size === 1 && sizes.length === 2 ? "SAME_SIZE" : undefined));
  await scene.readsHonestly(bob, alice, ...texts.reverse());
  await victim.friends.end(bob.username);
  await ended;
});
