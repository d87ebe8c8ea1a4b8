import { logLeafHashOf, sign, userNameHashOf } from "../../../src/crypto/index.ts";
import { createCheckpoint, deriveReceiptKey } from "../../../src/crypto/relay/index.ts";
import { concatBytes, encodeCbor, encodeSplitProof, u8, VaultItem } from "../../../src/protocol/index.ts";
import { fromHex, toHex } from "../hex.ts";
import type { LeafInput } from "../operations/key-log.ts";
import type { Vector } from "../vector.ts";
import { consistencyPath, inclusionPath, rootOf } from "./log-twin.ts";
import { bytesFor, CREATED_MS, filled, withByte, withPart } from "./material.ts";
import { Topic } from "./topic.ts";

type Expect = Vector["expect"];

const relay = () => deriveReceiptKey(bytesFor("relay"));
const fieldsOf = (index: number, log = "log") => ({ nameHash: userNameHashOf(`user_${index}`), userId: bytesFor(`${log} user ${index}`), cardHash: bytesFor(`${log} card ${index}`) });
const leavesOf = (size: number, log = "log"): Uint8Array[] => Array.from({ length: size }, (_, index) => logLeafHashOf(fieldsOf(index, log)));
const inputOf = (index: number): LeafInput => {
  const { nameHash, userId, cardHash } = fieldsOf(index);
  return { nameHash: toHex(nameHash), userId: toHex(userId), cardHash: toHex(cardHash) };
};
const headOf = (size: number, log = "log") => ({ size, root: rootOf(leavesOf(size, log)) });
const checkpointOf = (size: number, log = "log"): Uint8Array => createCheckpoint(relay(), { ...headOf(size, log), relayMs: CREATED_MS });

export function buildKeyLog(): Topic {
  const topic = new Topic("key-log", "§7");
  addLeaves(topic);
  addCheckpoints(topic);
  addInclusion(topic);
  addConsistency(topic);
  addSplits(topic);
  addCarriers(topic);
  return topic;
}

function addLeaves(topic: Topic): void {
  const input = { userId: toHex(bytesFor("user")), cardHash: toHex(bytesFor("card")) };
  topic.add("log-leaf", "leaf", "ok", "a leaf names user name, user and card", { username: "alice", ...input });
  topic.add("log-leaf", "leaf-of-another-name", "ok", "another name is another leaf", { username: "alice_", ...input });
}

function addCheckpoints(topic: Topic): void {
  const { publicKey, secretKey } = relay();
  const head = headOf(7);
  const checkpoint = checkpointOf(7);
  const body = checkpoint.subarray(0, 82);
  const signed = (changed: Uint8Array, label: "checkpoint" | "receipt" = "checkpoint") => concatBytes(changed, sign(secretKey, label, changed));
  const add = (id: string, expect: Expect, description: string, bytes: Uint8Array, relayKey = publicKey) =>
    topic.add("verify-checkpoint", `checkpoint-${id}`, expect, description, { relayKey: toHex(relayKey), checkpoint: toHex(bytes) });

  topic.add("create-checkpoint", "checkpoint-create", "ok", "signed by the receipt key, under a label of its own", { seed: toHex(bytesFor("relay")), size: 7, root: toHex(head.root), relayMs: CREATED_MS });
  add("signed", "ok", "a checkpoint by the pinned key", checkpoint);
  add("empty", "bad-length", "no bytes", new Uint8Array());
  add("truncated", "bad-length", "145 bytes", checkpoint.subarray(0, -1));
  add("longer", "bad-length", "147 bytes", concatBytes(checkpoint, u8(0)));
  add("version", "unknown-version", "version 2, well signed", signed(withPart(body, 0, u8(2))));
  add("suite", "unknown-version", "another way to hash, well signed", signed(withPart(body, 1, u8(2))));
  add("size-zero", "bad-value", "an empty log has no checkpoint", signed(withPart(body, 34, new Uint8Array(8))));
  add("size-too-large", "bad-value", "2^53 leaves", signed(withPart(body, 34, fromHex("0020000000000000"))));
  add("changed-size", "bad-sig", "the size changed", withByte(checkpoint, 41));
  add("changed-root", "bad-sig", "the root changed", withByte(checkpoint, 42));
  add("changed-time", "bad-sig", "the time changed", withByte(checkpoint, 81));
  add("changed-signature", "bad-sig", "a bit of the signature changed", withByte(checkpoint, -1));
  add("other-label", "bad-sig", "signed as a receipt", signed(body, "receipt"));
  add("other-relay", "bad-checkpoint", "another relay than the pinned one", checkpoint, deriveReceiptKey(bytesFor("another relay")).publicKey);
  add("other-name", "bad-checkpoint", "signed by the pinned key, in the name of another relay", signed(withPart(body, 2, deriveReceiptKey(bytesFor("another relay")).publicKey)));
}

function addInclusion(topic: Topic): void {
  const add = (id: string, expect: Expect, description: string, size: number, index: number, change: { leaf?: LeafInput; index?: number; size?: number; path?: (path: Uint8Array[]) => Uint8Array[] } = {}) => {
    const path = (change.path ?? ((same) => same))(inclusionPath(index, leavesOf(size)));
    const leaf = change.leaf ?? inputOf(index);
    const input = { size: change.size ?? size, root: toHex(rootOf(leavesOf(size))), leaf, index: change.index ?? index, path: path.map(toHex) };
    topic.add("verify-inclusion", `inclusion-${id}`, expect, description, input);
  };

  for (const [size, index] of [[1, 0], [2, 1], [7, 0], [7, 6], [8, 5]] as const) add(`${index}-of-${size}`, "ok", `leaf ${index} of a log of ${size}`, size, index);
  const honest = inputOf(3);
  add("other-card", "bad-proof", "another card under the same name", 7, 3, { leaf: { ...honest, cardHash: inputOf(4).cardHash } });
  add("other-user", "bad-proof", "another user under the same name", 7, 3, { leaf: { ...honest, userId: inputOf(4).userId } });
  add("other-name", "bad-proof", "the same card under another name", 7, 3, { leaf: { ...honest, nameHash: inputOf(4).nameHash } });
  add("other-index", "bad-proof", "the path of leaf 3, said to be of leaf 2", 7, 3, { index: 2 });
  add("index-beyond", "bad-proof", "a leaf behind the end", 7, 3, { index: 7 });
  add("index-just-beyond", "bad-proof", "the path of the last leaf, said to be of one behind it", 7, 6, { index: 7 });
  add("other-size", "bad-proof", "the path in a log of 7, said to be of 9", 7, 3, { size: 9 });
  add("shorter", "bad-proof", "the topmost hash is missing", 7, 3, { path: (path) => path.slice(0, -1) });
  add("longer", "bad-proof", "a hash too many", 7, 3, { path: (path) => [...path, filled(32, 1)] });
  add("longer-below", "bad-proof", "a hash too many at the leaf", 7, 3, { path: (path) => [filled(32, 1), ...path] });
  add("nothing", "bad-proof", "no hashes at all", 7, 3, { path: () => [] });
  add("swapped", "bad-proof", "two hashes changed places", 7, 3, { path: ([first, second, ...rest]) => [second!, first!, ...rest] });
  add("changed", "bad-proof", "a bit of a hash changed", 7, 3, { path: ([first, ...rest]) => [withByte(first!, 0), ...rest] });
  add("short-hash", "bad-proof", "a hash of 31 bytes", 7, 3, { path: ([first, ...rest]) => [first!.subarray(1), ...rest] });
}

function addConsistency(topic: Topic): void {
  const hex = ({ size, root }: { size: number; root: Uint8Array }) => ({ size, root: toHex(root) });
  const add = (id: string, expect: Expect, description: string, from: number, to: number, change: { older?: object; newer?: object; path?: (path: Uint8Array[]) => Uint8Array[] } = {}) => {
    const path = from === to ? [] : consistencyPath(from, leavesOf(to));
    const input = { older: { ...hex(headOf(from)), ...change.older }, newer: { ...hex(headOf(to)), ...change.newer }, path: (change.path ?? ((same) => same))(path).map(toHex) };
    topic.add("verify-consistency", `consistency-${id}`, expect, description, input);
  };

  for (const [from, to] of [[1, 2], [4, 8], [3, 7], [6, 7], [7, 7]] as const) add(`${from}-to-${to}`, "ok", `a log of ${to} continues one of ${from}`, from, to);
  const other = (size: number) => ({ root: toHex(rootOf(leavesOf(size, "other"))) });
  add("rolled-back", "rolled-back", "a smaller log behind a larger one", 3, 7, { older: hex(headOf(7)), newer: hex(headOf(3)) });
  add("same-size", "split-view", "two logs of one size", 7, 7, { newer: other(7) });
  add("split", "split-view", "the path leads to the newer root and to another older one", 3, 7, { older: other(3) });
  add("split-power-of-two", "split-view", "another older log of four leaves", 4, 7, { older: other(4) });
  add("other-newer", "bad-proof", "the path leads to another newer root", 3, 7, { newer: other(7) });
  add("other-sizes", "bad-proof", "the path from 3, said to be from 2", 3, 7, { older: { size: 2 } });
  add("shorter", "bad-proof", "the topmost hash is missing", 3, 7, { path: (path) => path.slice(0, -1) });
  add("longer", "bad-proof", "a hash too many", 3, 7, { path: (path) => [...path, filled(32, 1)] });
  add("nothing", "bad-proof", "no hashes at all", 3, 7, { path: () => [] });
  add("without-the-first", "bad-proof", "from a power of two without the first hash, as RFC 9162 has it", 4, 7, { path: ([, ...rest]) => rest });
  add("changed", "bad-proof", "a bit of a sibling changed", 3, 7, { path: (path) => [...path.slice(0, -1), withByte(path.at(-1)!, 0)] });
}

function addSplits(topic: Topic): void {
  const { publicKey } = relay();
  const path = consistencyPath(3, leavesOf(7));
  const proof = encodeSplitProof({ older: checkpointOf(3, "other"), newer: checkpointOf(7), path });
  const add = (id: string, expect: Expect, description: string, bytes: Uint8Array, relayKey = publicKey) =>
    topic.add("verify-split-proof", `split-${id}`, expect, description, { relayKey: toHex(relayKey), proof: toHex(bytes) });

  add("of-two-sizes", "ok", "the newer log shows another older one than was signed", proof);
  add("of-one-size", "ok", "two logs of one size", encodeSplitProof({ older: checkpointOf(7, "other"), newer: checkpointOf(7), path: [] }));
  add("honest", "bad-proof", "the newer log continues the older one", encodeSplitProof({ older: checkpointOf(3), newer: checkpointOf(7), path }));
  add("same", "bad-proof", "one checkpoint twice", encodeSplitProof({ older: checkpointOf(7), newer: checkpointOf(7), path: [] }));
  add("no-path", "bad-proof", "two sizes, and nothing that shows a contradiction", encodeSplitProof({ older: checkpointOf(3, "other"), newer: checkpointOf(7), path: [] }));
  add("backwards", "bad-proof", "the larger log first", encodeSplitProof({ older: checkpointOf(7), newer: checkpointOf(3, "other"), path }));
  add("unsigned", "bad-sig", "the older checkpoint is not signed", withByte(proof, 146));
  add("unsigned-newer", "bad-sig", "the newer checkpoint is not signed", withByte(proof, 292));
  add("other-relay", "bad-checkpoint", "another relay than the accused one", proof, deriveReceiptKey(bytesFor("another relay")).publicKey);
  add("version", "unknown-version", "version 2", withPart(proof, 0, u8(2)));
  add("longer", "bad-length", "a byte too many", concatBytes(proof, u8(0)));
  add("shorter", "bad-length", "a byte less", proof.subarray(0, -1));
  add("too-many", "bad-value", "55 hashes", concatBytes(proof.subarray(0, 293), u8(55), filled(55 * 32, 1)));
}

/** A thought and the vault carry the newest checkpoint. */
function addCarriers(topic: Topic): void {
  const log = checkpointOf(7);
  const thought = (carried: Uint8Array) => ({ body: toHex(encodeCbor({ v: 1, t: "", log: carried })) });
  topic.add("parse-thought", "thought", "ok", "a thought tells the newest checkpoint", thought(log));
  topic.add("parse-thought", "thought-short", "bad-cbor", "a checkpoint of 145 bytes", thought(log.subarray(1)));
  const settings = (carried: Uint8Array) => {
    const key = bytesFor("key");
    return { item: VaultItem.SETTINGS, content: toHex(encodeCbor({ relayReceiptKey: key, relayLoginKey: key, newestEpoch: { n: 0, key }, log: carried })) };
  };
  topic.add("parse-vault-item", "settings", "ok", "the vault pins the newest checkpoint", settings(log));
  topic.add("parse-vault-item", "settings-short", "bad-cbor", "a checkpoint of 145 bytes", settings(log.subarray(1)));
}
