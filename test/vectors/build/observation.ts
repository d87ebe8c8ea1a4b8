import { deriveThoughtKey } from "../../../src/crypto/index.ts";
import { concatBytes, u8 } from "../../../src/protocol/index.ts";
import { fromHex, toHex } from "../hex.ts";
import type { Vector } from "../vector.ts";
import { bytesFor, person, withByte } from "./material.ts";
import { observationWith, observedHead } from "./observation-twin.ts";
import { Topic } from "./topic.ts";

export function buildObservations(): Topic {
  const topic = new Topic("observation", "§3");
  const observer = person("alice").userId;
  const author = person("xavier").userId;
  const thoughtKey = deriveThoughtKey(bytesFor("epoch key of xavier"), author, 3);
  const entryId = bytesFor("entry of alice", 16);
  const hash = bytesFor("head of xavier");
  const nonce = bytesFor("observation nonce", 24);
  const twin = { thoughtKey, observer, entryId, nonce, content: observedHead(41, hash) };
  const observation = observationWith(twin);
  const add = (id: string, expect: Vector["expect"], description: string, bytes: Uint8Array, at: Partial<typeof twin> = {}) => {
    const place = { ...twin, ...at };
    const input = { thoughtKey: toHex(place.thoughtKey), observer: toHex(place.observer), entryId: toHex(place.entryId), observation: toHex(bytes) };
    topic.add("open-observation", id, expect, description, input);
  };
  const input = { thoughtKey: toHex(thoughtKey), observer: toHex(observer), entryId: toHex(entryId), nonce: toHex(nonce) };
  topic.add("create-observation", "create", "ok", "an observation of place 41", { ...input, seq: 41, hash: toHex(hash) });
  add("open", "ok", "an observation at its place, under the key of its epoch", observation);
  add("open-first", "ok", "an observation of place 0", observationWith({ ...twin, content: observedHead(0, hash) }));
  add("open-last", "ok", "an observation of place 2^53 − 1", observationWith({ ...twin, content: observedHead(Number.MAX_SAFE_INTEGER, hash) }));
  add("copied-by-another", "bad-seal", "alice's observation in an entry of eve", observation, { observer: person("eve").userId });
  add("copied-to-another-entry", "bad-seal", "alice's observation in another entry of hers", observation, { entryId: bytesFor("another entry", 16) });
  add("other-epoch", "bad-seal", "the key of another epoch of xavier", observation, { thoughtKey: deriveThoughtKey(bytesFor("epoch key of xavier"), author, 2) });
  add("other-author", "bad-seal", "the key of somebody else", observation, { thoughtKey: deriveThoughtKey(bytesFor("epoch key of xavier"), observer, 3) });
  add("tag", "bad-seal", "a bit of the tag changed", withByte(observation, 3));
  add("tag-only", "bad-seal", "the right tag before something else that is sealed", concatBytes(observation.subarray(0, 4), observationWith({ ...twin, entryId: bytesFor("another entry", 16) }).subarray(4)));
  add("tag-of-another-place", "bad-seal", "well sealed, and the tag of another entry", observationWith({ ...twin, tagPlace: concatBytes(observer, bytesFor("another entry", 16)) }));
  add("version", "bad-seal", "sealed by version 2", withByte(observation, 4, 3));
  add("commitment", "bad-seal", "a bit of the commitment changed", withByte(observation, 40));
  add("sealed", "bad-seal", "a bit of what is sealed changed", withByte(observation, -1));
  add("empty", "bad-length", "no bytes", new Uint8Array());
  add("truncated", "bad-length", "100 bytes", observation.subarray(0, -1));
  add("longer", "bad-length", "102 bytes", concatBytes(observation, u8(0)));
  add("seq-too-large", "bad-value", "place 2^53, well sealed", observationWith({ ...twin, content: concatBytes(fromHex("0020000000000000"), hash.subarray(0, 16)) }));
  return topic;
}
