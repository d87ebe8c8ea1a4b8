import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import type { Account } from "../../src/client/index.ts";
import { createEpochPayload, deriveKey, deriveThoughtKey, epochCommitment, thoughtCommitment } from "../../src/crypto/index.ts";
import { seal } from "../../src/crypto/secret/seal.ts";
import { concatBytes, encodeBase64url, encodeEpochPayload, EntryType, EpochReason, u32, type EpochPayload } from "../../src/protocol/index.ts";
import { textsOf } from "../scenario/support.ts";
import { write } from "../support/lawful-inputs.ts";
import { type Member, succeed } from "../support/member.ts";
import { befriendAccomplice, entryNode, isNewer, peerOf, rewriteChain } from "./harness/accomplice.ts";
import { createStage } from "./harness/attack.ts";
import { idOf, type Scene } from "./harness/scene.ts";

// What an epoch commits to and links to is sealed from the relay: a false friend stores there what nobody can check but readers.
const attack = createStage();

interface FalseEpoch {
  payload: EpochPayload;
  /** What is granted. */
  key: Uint8Array;
}

async function meet(scene: Scene): Promise<{ alice: Account; mallory: Member }> {
  const [alice, mallory] = [await scene.register("alice"), await scene.accomplice()];
  await write(scene.stage.relay, mallory, "before");
  await befriendAccomplice(scene, alice, mallory);
  return { alice, mallory };
}

/** Stores the epoch, and a thought in it that its key opens. */
async function begin(scene: Scene, alice: Account, { hand, token }: Member, { payload, key }: FalseEpoch): Promise<void> {
  const peer = await peerOf(scene, alice, { token } as Member);
  const { commitment, n } = payload;
  const epoch = hand.sign(EntryType.EPOCH, encodeEpochPayload(payload), { epoch: n });
  const grants = [hand, peer].map((one) => hand.grant(one, { n, key, commitment }));
  await succeed(scene.stage.relay, "appendEntries", { entries: [epoch.bytes], grants }, token);
  hand.adopt({ epoch, n, key, commitment, grants });
  const thought = hand.thought("after");
  await succeed(scene.stage.relay, "createThought", { entry: thought.bytes }, token);
  hand.moveTo(thought);
}

/** The next epoch with another key before it than the true one, or with parts exchanged. */
function nextEpoch({ hand }: Member, key: Uint8Array, change: Partial<EpochPayload> = {}, previousKey = hand.key): EpochPayload {
  return { ...createEpochPayload({ author: hand.userId, n: 1, key, previousKey, vaultMin: hand.vaultVersion, reason: EpochReason.ANY }), ...change };
}

const keys = (): [Uint8Array, Uint8Array] => [new Uint8Array(randomBytes(32)), new Uint8Array(randomBytes(32))];

const epochs: [name: string, refusal: string, make: (mallory: Member) => FalseEpoch][] = [
  ["an epoch that commits to one key for all history and to another for its thoughts", "bad-commit", (mallory) => {
    const [key, other] = keys();
    const { userId } = mallory;
    return { key, payload: nextEpoch(mallory, key, { thoughtCommitment: thoughtCommitment(deriveThoughtKey(other, userId, 1), userId, 1) }) };
  }],
  ["a key that opens the thoughts of its epoch and is not the one that others get for history", "bad-commit", (mallory) => {
    const [key, other] = keys();
    return { key, payload: nextEpoch(mallory, key, { commitment: epochCommitment(other, mallory.userId, 1) }) };
  }],
  ["a link to another key than that of the epoch before", "bad-commit", (mallory) => {
    const [key, other] = keys();
    return { key, payload: nextEpoch(mallory, key, {}, other) };
  }],
  ["a key that the link to the past goes with, and nothing else", "bad-commit", (mallory) => {
    const [key, other] = keys();
    const { userId, hand } = mallory;
    const { commitment } = nextEpoch(mallory, other);
    const back = seal(deriveKey(key, "epoch-back-key", userId, u32(1)), "epoch-back", concatBytes(userId, u32(1), commitment), hand.key);
    return { key, payload: nextEpoch(mallory, other, { back }) };
  }],
  ["a link that was sealed for no epoch", "bad-back-link", (mallory) => {
    const [key] = keys();
    const linkKey = deriveKey(key, "epoch-back-key", mallory.userId, u32(1));
    return { key, payload: nextEpoch(mallory, key, { back: seal(linkKey, "epoch-back", new Uint8Array(), mallory.hand.key) }) };
  }],
  ["a link that does not open", "bad-back-link", (mallory) => {
    const [key] = keys();
    return { key, payload: nextEpoch(mallory, key, { back: new Uint8Array(randomBytes(105)) }) };
  }],
];

for (const [name, refusal, make] of epochs) {
  attack(name, { refusal }, async (scene) => {
    const { alice, mallory } = await meet(scene);
    await alice.close();
    await begin(scene, alice, mallory, make(mallory));
    await scene.refused(scene.problemOf(await scene.login(alice)));
    await goesOn(scene, alice);
  });
}

attack("an epoch that calls itself by another number in all that its key goes with", { refusal: "bad-epoch" }, async (scene) => {
  const { alice, mallory } = await meet(scene);
  await alice.close();
  const { hand, userId } = mallory;
  const [key] = keys();
  const payload = createEpochPayload({ author: userId, n: 5, key, previousKey: hand.key, vaultMin: hand.vaultVersion, reason: EpochReason.ANY });
  const epoch = entryNode(scene, userId, hand.sign(EntryType.EPOCH, encodeEpochPayload(payload), { epoch: 1 }));
  const grant = hand.grant(await peerOf(scene, alice, mallory), { n: 1, key, commitment: payload.commitment });
  rewriteChain(scene, mallory, isNewer, (nodes) => [...nodes, epoch]);
  scene.lies.rewrite("Grants", ({ grants }, { variables }) => {
    if (variables.author === idOf(mallory)) grants.nodes = [{ bytes: encodeBase64url(grant) }];
  });
  await scene.refused(scene.problemOf(await scene.login(alice)));
  await goesOn(scene, alice);
});

/** What one friend does to their own chain harms no other. */
async function goesOn(scene: Scene, alice: Account): Promise<void> {
  await scene.honest(async () => {
    const again = await scene.loginHonestly(alice);
    const text = scene.secret("by Alice");
    await again.thoughts.write(text);
    expect(await textsOf(again)).toEqual([text]);
  });
}
