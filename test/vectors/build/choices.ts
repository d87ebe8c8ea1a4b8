import { encodeCbor, type CborValue } from "../../../src/protocol/index.ts";
import { toHex } from "../hex.ts";
import type { Vector } from "../vector.ts";
import { bytesFor, filled, person } from "./material.ts";
import { Topic } from "./topic.ts";

/** What the vault keeps of choices: whom one has verified, and who reads from when. */
export function buildChoices(): Topic {
  const topic = new Topic("choices", "§6");
  const { userId, cardHash } = person("bob");
  const friend = { userId, cardHash, verified: true, kind: 2, state: "CONFIRMED", fid: bytesFor("friendship") };
  const settings = { relayReceiptKey: filled(32, 1), relayLoginKey: filled(32, 2), newestEpoch: { n: 3, key: filled(32, 3) } };
  const add = (item: 2 | 3, id: string, expect: Vector["expect"], description: string, content: CborValue) =>
    topic.add("parse-vault-item", id, expect, description, { item, content: toHex(encodeCbor(content)) });
  const addFriend = (id: string, expect: Vector["expect"], description: string, change: Record<string, CborValue>) =>
    add(2, `friend-${id}`, expect, description, { friends: [{ ...friend, ...change }], ended: [] });
  const addSetting = (id: string, expect: Vector["expect"], description: string, historyAfterVerification: CborValue) =>
    add(3, `setting-${id}`, expect, description, { ...settings, historyAfterVerification });

  addFriend("verified-card", "ok", "which card was verified", { verifiedCard: cardHash });
  addFriend("waits", "ok", "history waits, and epoch 7 is the first that opened", { verified: false, historyWhenVerified: true, firstEpoch: 7 });
  addSetting("on", "ok", "history after verification", true);
  addFriend("verified-card-short", "bad-cbor", "a card hash of 31 bytes", { verifiedCard: filled(31, 1) });
  addFriend("verified-card-flag", "bad-cbor", "yes where a card is meant", { verifiedCard: true });
  addFriend("verified-card-null", "bad-cbor", "nothing is said by leaving out, not by null", { verifiedCard: null });
  addFriend("waits-number", "bad-cbor", "a number where yes or no is meant", { historyWhenVerified: 1 });
  addFriend("first-epoch-negative", "bad-cbor", "a negative epoch", { firstEpoch: -1 });
  addFriend("first-epoch-text", "bad-cbor", "an epoch in words", { firstEpoch: "7" });
  addSetting("text", "bad-cbor", "a text where yes or no is meant", "yes");
  addSetting("number", "bad-cbor", "a number where yes or no is meant", 0);
  return topic;
}
