import { deriveKey } from "../../../src/crypto/index.ts";
import { sealWithNonce } from "../../../src/crypto/secret/seal.ts";
import { concatBytes, encodeEpochPayload, u32, type EpochPayload } from "../../../src/protocol/index.ts";
import { toHex } from "../hex.ts";
import type { Vector } from "../vector.ts";
import { ChainTwin, epochWith } from "./chain-twin.ts";
import { bytesFor, person, withByte } from "./material.ts";
import { Topic } from "./topic.ts";

type Expect = Vector["expect"];

/** Keys of epochs, what EPOCH commits to, and the way back from the newest key (PROTOCOL.md §3). */
export function buildEpochs(): Topic {
  const topic = new Topic("epoch", "§3");
  const chain = ChainTwin.begin(person("alice"));
  for (let n = 1; n < 6; n += 1) chain.rotate();
  const { epochs, keys } = chain;
  const author = chain.person.userId;
  for (const n of [0, 1, 65_536]) {
    topic.add("epoch-keys", `keys-${n}`, "ok", `T and both commitments of epoch ${n}`, { key: toHex(bytesFor("epoch key 0")), author: toHex(author), n });
  }

  const back = (...ns: number[]) => ns.map((n) => epochs[n]!);
  const add = (id: string, expect: Expect, description: string, key: Uint8Array, payloads: EpochPayload[], of = author) =>
    topic.add("walk-back", `walk-${id}`, expect, description, {
      author: toHex(of),
      key: toHex(key),
      payloads: payloads.map((payload) => toHex(encodeEpochPayload(payload))),
    });
  add("all", "ok", "the newest of six keys opens all before it", keys[5]!, back(5, 4, 3, 2, 1, 0));
  add("some", "ok", "a walk may end early", keys[3]!, back(3, 2));
  add("gap", "bad-epoch", "an epoch is left out", keys[5]!, back(5, 3));
  add("forwards", "bad-epoch", "no key leads forwards", keys[1]!, back(1, 2));
  add("gap-later", "bad-epoch", "an epoch is left out at the third step", keys[5]!, back(5, 4, 3, 1));
  add("below-zero", "bad-epoch", "nothing lies before EPOCH 0", keys[0]!, back(0, 0));
  add("other-key", "bad-commit", "a key that the newest epoch does not commit to", bytesFor("another key"), back(5, 4));
  add("older-key", "bad-commit", "the key of the epoch before says nothing about this one", keys[4]!, back(5, 4));
  add("other-author", "bad-commit", "the same keys under another author", keys[5]!, back(5, 4), person("eve").userId);

  const [newest, before] = [epochs[5]!, epochs[4]!];
  const twisted = (epoch: EpochPayload) => ({ ...epoch, thoughtCommitment: bytesFor("another thought key") });
  add("newest-twisted", "bad-commit", "the newest epoch commits to another thought key", keys[5]!, [twisted(newest), before]);
  add("older-twisted", "bad-commit", "the older epoch commits to another thought key: readers of one kind would read other thoughts", keys[5]!, [newest, twisted(before)]);
  add("older-commitment", "bad-commit", "the older epoch commits to another key", keys[5]!, [newest, { ...before, commitment: bytesFor("another commitment") }]);
  add("third-twisted", "bad-commit", "an epoch further back commits to another thought key", keys[5]!, [newest, before, twisted(epochs[3]!)]);
  add("link-changed", "bad-back-link", "a bit of the link changed", keys[5]!, [{ ...newest, back: withByte(newest.back, 80) }, before]);
  add("link-changed-later", "bad-back-link", "a bit of the link changed at the third step", keys[5]!, [newest, before, { ...epochs[3]!, back: withByte(epochs[3]!.back, 80) }, epochs[2]!]);
  add("link-foreign", "bad-back-link", "the link of another epoch", keys[5]!, [{ ...newest, back: before.back }, before]);

  const liar = (previousKey: Uint8Array) => epochWith({ author, n: 5, key: keys[5]!, previousKey, reason: 1 });
  add("link-to-other-key", "bad-commit", "the author links to a key that the older epoch does not commit to", keys[5]!, [liar(bytesFor("another key")), before]);
  add("link-to-older-key", "bad-commit", "the author links to an older key", keys[5]!, [liar(keys[3]!), before]);
  const linkKey = deriveKey(keys[5]!, "epoch-back-key", author, u32(5));
  const boundTo = (ad: Uint8Array) => ({ ...newest, back: sealWithNonce(bytesFor("link", 24), linkKey, "epoch-back", ad, keys[4]!) });
  add("link-other-place", "bad-back-link", "a link that is bound to another epoch number", keys[5]!, [boundTo(concatBytes(author, u32(4), newest.commitment)), before]);
  add("link-other-author", "bad-back-link", "a link that is bound to another author", keys[5]!, [boundTo(concatBytes(person("eve").userId, u32(5), newest.commitment)), before]);
  add("link-other-commitment", "bad-back-link", "a link that is bound to another commitment", keys[5]!, [boundTo(concatBytes(author, u32(5), before.commitment)), before]);
  return topic;
}
