import { EntryType } from "../../../src/protocol/index.ts";
import { toHex } from "../hex.ts";
import type { Vector } from "../vector.ts";
import { withdrawn } from "./chain.ts";
import { ChainTwin } from "./chain-twin.ts";
import { filled, person, withByte } from "./material.ts";
import { Topic } from "./topic.ts";

/** Which of two reasons a reader gives who reads by the outline (PROTOCOL.md §3 "Reading order"). */
export function buildOutlineOrder(): Topic {
  const topic = new Topic("outline-order", "§3");
  const chain = ChainTwin.begin(person("alice"));
  chain.rotate();
  chain.think("withdrawn later");
  const [card, first, second, thought] = chain.bytes.map((bytes) => ({ bytes }));
  const author = toHex(chain.person.userId);
  const outline = [card!, first!, second!].map(({ bytes }) => toHex(bytes));
  const read = (id: string, expect: Vector["expect"], description: string, last: Uint8Array) =>
    topic.add("read-outline", id, expect, description, { author, entries: [...outline.slice(0, 2), toHex(last)] });
  const verify = (id: string, expect: Vector["expect"], description: string, entry: Uint8Array, by = outline) =>
    topic.add("verify-signed", id, expect, description, { author, outline: by, entry: toHex(entry) });
  const revoke = chain.sign(EntryType.REVOKE, filled(3, 1)).bytes;

  read("withdrawn-thought", "bad-type", "a withdrawn thought among the landmarks", withdrawn(thought!));
  read("withdrawn-epoch", "bad-type", "an EPOCH without its payload", withdrawn(second!));
  verify("nobody-known", "bad-signer", "somebody else's entry, while nothing is known of the author", chain.sign(EntryType.THOUGHT, thought!.bytes.slice(234), { author: person("eve").userId }).bytes, []);
  verify("revoke-unsigned", "bad-sig", "a revocation that is not signed: the signature is looked at first", withByte(revoke, 200));
  verify("revoke-signed", "bad-type", "a revocation that is signed", revoke);
  topic.add("read-chain", "revoke-read", "bad-type", "a revocation that is not signed, read in order: the type is looked at first", {
    author,
    entries: [...chain.bytes, withByte(revoke, 200)].map(toHex),
  });
  return topic;
}
