import { encodeCbor, type CborValue } from "../../../src/protocol/cbor.ts";
import { toHex } from "../hex.ts";
import type { Vector } from "../vector.ts";
import { bytesFor, person } from "./material.ts";
import { Topic } from "./topic.ts";

/** How the vault pins a friend's card: by its hash, and by its version unless it is the first (PROTOCOL.md §2, §6). */
export function buildFriendCards(): Topic {
  const topic = new Topic("friend-card", "§6");
  const { userId, cardHash } = person("bob");
  const pinned = { userId, cardHash, verified: false, kind: 1, state: "CONFIRMED", fid: bytesFor("friendship") };
  const add = (id: string, expect: Vector["expect"], description: string, change: Record<string, CborValue>): void => {
    const content = encodeCbor({ friends: [{ ...pinned, ...change }], ended: [] });
    topic.add("parse-vault-item", id, expect, description, { item: 2, content: toHex(content) });
  };
  add("later", "ok", "a friend who has a second card", { cardVersion: 2 });
  add("suspended", "ok", "a friend of whom two cards were shown", { cardVersion: 2, state: "SUSPENDED" });
  add("text", "bad-cbor", "a version in words", { cardVersion: "2" });
  add("negative", "bad-cbor", "a version below zero", { cardVersion: -2 });
  add("nothing", "bad-cbor", "null for a first card, where nothing has to stand", { cardVersion: null });
  add("truth", "bad-cbor", "yes for a later card", { cardVersion: true });
  add("bytes", "bad-cbor", "a version in bytes", { cardVersion: bytesFor("version", 4) });
  return topic;
}
