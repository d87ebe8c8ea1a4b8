import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import { logLeafHashOf, verifySplitProof } from "../../src/crypto/index.ts";
import { createCheckpoint } from "../../src/crypto/relay/index.ts";
import { concatBytes, encodeSplitProof, HASH_BYTES, u8, type KeyLogLeaf } from "../../src/protocol/index.ts";
import { consistencyPath, rootOf } from "../vectors/build/log-twin.ts";
import { createStage } from "./harness/attack.ts";
import { madeUpLeaf } from "./harness/shown-log.ts";
import type { Scene } from "./harness/scene.ts";

// A proof against a relay goes from hand to hand; whoever judges it has the relay's key and nothing else.
const attack = createStage();

/** A log with a checkpoint, as the relay signs it. */
interface Shown {
  hashes: Uint8Array[];
  checkpoint: Uint8Array;
}

function shownLog({ stage }: Scene, leaves: KeyLogLeaf[]): Shown {
  const hashes = leaves.map(logLeafHashOf);
  return { hashes, checkpoint: createCheckpoint(stage.receiptKey, { size: hashes.length, root: rootOf(hashes), relayMs: 1 }) };
}

/** Two leaves shown to one person, and three to another: of one log, or of two. */
function logs(scene: Scene, isSplit: boolean): { older: Uint8Array; newer: Uint8Array; path: Uint8Array[] } {
  const [a, b, c] = ["a", "b", "c"].map(madeUpLeaf) as [KeyLogLeaf, KeyLogLeaf, KeyLogLeaf];
  const [older, newer] = [shownLog(scene, [a, b]), shownLog(scene, [isSplit ? madeUpLeaf("a") : a, b, c])];
  return { older: older.checkpoint, newer: newer.checkpoint, path: consistencyPath(2, newer.hashes) };
}

const split = (scene: Scene): Uint8Array => encodeSplitProof(logs(scene, true));
const flipLast = (bytes: Uint8Array): Uint8Array => Uint8Array.from(bytes, (byte, index) => (index === bytes.length - 1 ? byte ^ 1 : byte));

const proofs: [name: string, refusal: string, forge: (scene: Scene) => Uint8Array][] = [
  ["of an unknown version", "unknown-version", (scene) => concatBytes(u8(2), split(scene).subarray(1))],
  ["with more hashes than a path has", "bad-value", (scene) => encodeSplitProof({ ...logs(scene, true), path: Array.from({ length: 55 }, () => randomBytes(HASH_BYTES)) })],
  ["with a byte behind it", "bad-length", (scene) => concatBytes(split(scene), u8(0))],
  ["that the relay did not sign", "bad-sig", (scene) => encodeSplitProof({ ...logs(scene, true), newer: flipLast(logs(scene, true).newer) })],
  ["of one log that grew", "bad-proof", (scene) => encodeSplitProof(logs(scene, false))],
  ["by a path that leads nowhere", "bad-proof", (scene) => encodeSplitProof({ ...logs(scene, false), path: [randomBytes(HASH_BYTES), randomBytes(HASH_BYTES)] })],
];

for (const [name, refusal, forge] of proofs) {
  attack(`the proof of a split view ${name}`, { refusal }, async (scene) => {
    await scene.register("judge");
    const judge = async (proof: Uint8Array): Promise<void> => void verifySplitProof(scene.stage.receiptKey.publicKey, proof);
    await scene.refused(judge(forge(scene)));
    await scene.honest(async () => expect(await judge(split(scene))).toBeUndefined());
  });
}
