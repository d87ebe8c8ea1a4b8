import { concatBytes } from "../../../src/protocol/index.ts";
import { fromHex, toHex } from "../hex.ts";
import { filled } from "./material.ts";
import { Topic } from "./topic.ts";

const nested = (depth: number): string => "81".repeat(depth) + "01";

export function buildCbor(): Topic {
  const topic = new Topic("cbor", "§1");
  const add = (id: string, expect: "ok" | "bad-cbor" | "bad-length", description: string, bytes: string, maxBytes = 1000) =>
    topic.add("parse-cbor", id, expect, description, { bytes, maxBytes });

  add("map", "ok", '{"t": "hi", "v": 1}', "a26174626869617601");
  add("shorter-keys-first", "ok", "keys are sorted by their encoding: shorter ones first", "a2617a0162616102");
  add("values", "ok", "bytes, negative, true, null", "844301020320f5f6");
  add("largest-integer", "ok", "2^53 − 1", "1b001fffffffffffff");
  add("depth-8", "ok", "eight arrays in each other", nested(8));
  add("marked-text", "ok", "text with a leading U+FEFF keeps it", "64efbbbf61");

  add("depth-9", "bad-cbor", "nine arrays in each other", nested(9));
  add("depth-5000", "bad-cbor", "5000 arrays in each other must not exhaust the stack", nested(5000), 10_000);
  add("depth-maps", "bad-cbor", "nine maps in each other", `${"a16161".repeat(9)}01`);
  add("unsorted", "bad-cbor", "keys in another order", "a26176016174626869");
  add("duplicate", "bad-cbor", "the same key twice", "a2617601617601");
  add("long-integer", "bad-cbor", "1 in two bytes", "1801");
  add("long-length", "bad-cbor", "a text length in two bytes", "780161");
  add("indefinite-array", "bad-cbor", "an array of indefinite length", "9f01ff");
  add("indefinite-text", "bad-cbor", "text of indefinite length", "7f6161ff");
  add("half", "bad-cbor", "a half-precision 1.5", "f93e00");
  add("double", "bad-cbor", "a double 1.1", "fb3ff199999999999a");
  add("double-integer", "bad-cbor", "a double 1.0", "fb3ff0000000000000");
  add("beyond-integer", "bad-cbor", "2^53", "1b0020000000000000");
  add("integer-key", "bad-cbor", "a key that is no text", "a10102");
  add("bytes-key", "bad-cbor", "a key of bytes", "a1416101");
  add("invalid-utf8", "bad-cbor", "text that is no UTF-8", "61ff");
  add("surrogate", "bad-cbor", "text with an encoded surrogate", "63eda080");
  add("overlong-utf8", "bad-cbor", "an overlong character", "62c080");
  add("tag", "bad-cbor", "a tag", "c11a514b67b0");
  add("undefined", "bad-cbor", "undefined", "f7");
  add("trailing", "bad-cbor", "a second value", "0101");
  add("truncated", "bad-cbor", "text that ends early", "6268");
  add("empty", "bad-cbor", "no bytes", "");
  add("huge-array", "bad-cbor", "an array that claims 2^32 − 1 items", "9affffffff");
  add("too-long", "bad-length", "more bytes than allowed, whatever they are", toHex(concatBytes(fromHex("5863"), filled(99, 1))), 100);
  return topic;
}
