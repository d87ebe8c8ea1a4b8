import { deriveThoughtKey } from "../../../src/crypto/index.ts";
import { pad } from "../../../src/crypto/secret/padding.ts";
import { encodeCbor, encodeThoughtBody, EntryType, encodeHealPayload, type CborValue } from "../../../src/protocol/index.ts";
import { fromHex, toHex } from "../hex.ts";
import type { Vector } from "../vector.ts";
import { beginChain } from "./chain.ts";
import { bytesFor, filled, withByte } from "./material.ts";
import { Topic } from "./topic.ts";

type Expect = Vector["expect"];

export function buildThoughts(): Topic {
  const topic = new Topic("thought", "§3");
  addSealed(topic);
  addBodies(topic);
  return topic;
}

function addSealed(topic: Topic): void {
  const chain = beginChain();
  const add = (id: string, expect: Expect, description: string, entry: { bytes: Uint8Array }, thoughtKey = chain.thoughtKey) =>
    topic.add("open-thought", id, expect, description, { thoughtKey: toHex(thoughtKey), entry: toHex(entry.bytes) });
  const body = encodeThoughtBody({ v: 1, t: "grüße 💚", reply: bytesFor("answered"), obs: [bytesFor("observation", 101)] });
  add("open", "ok", "a thought under the key of its epoch", chain.signThought("hello"));
  add("open-body", "ok", "a thought that answers another and carries an observation", chain.signThought(pad(body)));
  add("open-long", "ok", "a thought in the second bucket", chain.signThought("x".repeat(300)));
  add("epoch-key", "bad-seal", "K instead of T", chain.signThought("hello"), chain.key);
  add("other-epoch", "bad-seal", "T of another epoch", chain.signThought("hello"), deriveThoughtKey(chain.key, chain.person.userId, 1));
  add("other-author", "bad-seal", "T of another author", chain.signThought("hello"), deriveThoughtKey(chain.key, bytesFor("another author"), 0));
  const { bytes } = chain.entries[2]!;
  add("moved", "bad-seal", "the payload of another thought, well signed at this place", chain.sign(EntryType.THOUGHT, bytes.subarray(234)));
  add("moved-in-time", "bad-seal", "the same thought with another time, well signed", chain.sign(EntryType.THOUGHT, chain.signThought("hello").bytes.subarray(234), { timeMs: 1 }));
  add("changed", "bad-seal", "a bit of the sealed text changed", chain.sign(EntryType.THOUGHT, withByte(chain.signThought("hello").bytes.subarray(234), 100)));
  add("not-a-thought", "bad-type", "a HEAL holds no text", chain.sign(EntryType.HEAL, encodeHealPayload([bytesFor("abandoned")])));
  add("not-padded", "bad-padding", "a bucket without padding", chain.signThought(filled(256, 0)));
  add("no-body", "bad-cbor", "padding around nothing", chain.signThought(pad(new Uint8Array())));
}

function addBodies(topic: Topic): void {
  const add = (id: string, expect: Expect, description: string, body: Uint8Array) =>
    topic.add("parse-thought", `body-${id}`, expect, description, { body: toHex(body) });
  const cbor = (value: CborValue) => encodeCbor(value);
  const observation = bytesFor("observation", 101);
  add("text", "ok", "a text", cbor({ v: 1, t: "hello" }));
  add("empty-text", "ok", "an empty text", cbor({ v: 1, t: "" }));
  add("marked-text", "ok", "a leading U+FEFF stays", cbor({ v: 1, t: "\uFEFFhello" }));
  add("edit", "ok", "an edit of an earlier thought", cbor({ v: 1, t: "hello", edits: bytesFor("edited") }));
  add("unknown-key", "ok", "a key of a later version is ignored", cbor({ v: 1, t: "hello", later: [1, 2] }));
  add("eight-observations", "ok", "eight observations", cbor({ v: 1, t: "", obs: Array.from({ length: 8 }, () => observation) }));
  add("nine-observations", "bad-cbor", "nine observations", cbor({ v: 1, t: "", obs: Array.from({ length: 9 }, () => observation) }));
  add("short-observation", "bad-cbor", "an observation of 100 bytes", cbor({ v: 1, t: "", obs: [observation.subarray(1)] }));
  add("version-2", "unknown-version", "version 2", cbor({ v: 2, t: "hello" }));
  add("version-text", "bad-cbor", "a version that is no number", cbor({ v: "1", t: "hello" }));
  add("no-version", "bad-cbor", "no version", cbor({ t: "hello" }));
  add("no-text", "bad-cbor", "no text", cbor({ v: 1 }));
  add("text-bytes", "bad-cbor", "bytes instead of a text", cbor({ v: 1, t: filled(3, 65) }));
  add("short-reply", "bad-cbor", "an answer to 31 bytes", cbor({ v: 1, t: "", reply: filled(31, 1) }));
  add("null-reply", "bad-cbor", "an answer to null", cbor({ v: 1, t: "", reply: null }));
  add("long-edits", "bad-cbor", "an edit of 33 bytes", cbor({ v: 1, t: "", edits: filled(33, 1) }));
  add("unsorted", "bad-cbor", "keys in another order", fromHex("a2617601617460"));
  add("list", "bad-cbor", "a list", cbor([1, "hello"]));
  add("not-utf8", "bad-cbor", "a text that is no UTF-8", fromHex("a2617461ff617601"));
}
