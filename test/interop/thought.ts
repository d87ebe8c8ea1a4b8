import { type Bytes, demand, equal } from "./bytes.ts";
import { parseCbor } from "./cbor.ts";
import { unpad } from "./encodings.ts";
import { type Entry, THOUGHT, TOMBSTONE } from "./entry.ts";
import { open } from "./primitives.ts";
import { bytes, list, optional, record, type Shape, text } from "./shape.ts";

const MAX_BODY_BYTES = 65_535;

const version: Shape<number> = (value) => {
  demand(typeof value === "number", "bad-cbor");
  demand(value === 1, "unknown-version");
  return value;
};
const body = record({ v: version, t: text(60_000), reply: optional(bytes(32)), edits: optional(bytes(32)), obs: optional(list(bytes(101), 8)), log: optional(bytes(146)) });

export type ThoughtBody = ReturnType<typeof body>;

export function parseThought(content: Bytes): ThoughtBody {
  return body(parseCbor(content, MAX_BODY_BYTES));
}

/** The body of a verified THOUGHT (PROTOCOL.md §3). */
export function openThought(thoughtKey: Bytes, { type, pre, payload }: Entry): ThoughtBody {
  demand(type === THOUGHT && payload !== undefined, "bad-type");
  return parseThought(unpad(open(thoughtKey, "thought", pre, payload)));
}

/** What a verified TOMBSTONE withdraws: an earlier THOUGHT of its author. */
export function verifyTombstoneTarget(tombstone: Entry, target: Entry): void {
  demand(tombstone.type === TOMBSTONE && tombstone.payload !== undefined, "bad-type");
  const isEarlierThought = target.type === THOUGHT && equal(target.author, tombstone.author) && target.seq < tombstone.seq;
  demand(isEarlierThought && equal(target.hash, tombstone.payload), "bad-target");
}
