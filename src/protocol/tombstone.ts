import { sized } from "./bytes.ts";
import type { EntryHash } from "./ids.ts";
import { TOMBSTONE_PAYLOAD_BYTES } from "./limits.ts";
import { demand } from "./protocol-error.ts";

/** The payload of a TOMBSTONE: the hash of the author's own earlier thought that it withdraws (PROTOCOL.md §3). */
export function encodeTombstonePayload(target: EntryHash): Uint8Array {
  return new Uint8Array(sized(target, TOMBSTONE_PAYLOAD_BYTES));
}

/** @throws ProtocolError bad-length */
export function parseTombstonePayload(bytes: Uint8Array): EntryHash {
  demand(bytes.length === TOMBSTONE_PAYLOAD_BYTES, "bad-length");
  return new Uint8Array(bytes);
}
