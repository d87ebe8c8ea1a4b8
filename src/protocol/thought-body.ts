import { bytesOf, codecOf, listOf, mapOf, optional, textOf, type Shape } from "./cbor-shape.ts";
import type { EntryHash } from "./ids.ts";
import { HASH_BYTES, MAX_OBSERVATIONS, MAX_TEXT_BYTES, MAX_THOUGHT_BODY_BYTES, OBSERVATION_BYTES, SIGNED_CHECKPOINT_BYTES } from "./limits.ts";
import { demand } from "./protocol-error.ts";

/** What a thought says (PROTOCOL.md §3): t is its text, reply and edits name entries, obs are observations of friends' chains, log is the newest checkpoint of the key log that the author verified. */
export interface ThoughtBody {
  v: 1;
  t: string;
  reply?: EntryHash;
  edits?: EntryHash;
  obs?: Uint8Array[];
  log?: Uint8Array;
}

const bodyVersion: Shape<1> = (value) => {
  demand(value === 1, typeof value === "number" ? "unknown-version" : "bad-cbor");
  return 1;
};

const thoughtBody = codecOf<ThoughtBody>(
  mapOf<ThoughtBody>({
    v: bodyVersion,
    t: textOf(MAX_TEXT_BYTES),
    reply: optional(bytesOf(HASH_BYTES)),
    edits: optional(bytesOf(HASH_BYTES)),
    obs: optional(listOf(bytesOf(OBSERVATION_BYTES), MAX_OBSERVATIONS)),
    log: optional(bytesOf(SIGNED_CHECKPOINT_BYTES)),
  }),
  MAX_THOUGHT_BODY_BYTES,
);

/** @throws ProtocolError bad-text for more than 60 000 bytes or a lone surrogate, bad-cbor for ids of a wrong length */
export function encodeThoughtBody(body: ThoughtBody): Uint8Array {
  return thoughtBody.encode(body);
}

/** @throws ProtocolError bad-cbor, bad-text, bad-length, unknown-version */
export function parseThoughtBody(bytes: Uint8Array): ThoughtBody {
  return thoughtBody.parse(bytes);
}
