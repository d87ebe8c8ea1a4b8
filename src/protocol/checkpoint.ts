import { ByteReader, concatBytes, demandVersion, sized, u64, u8 } from "./bytes.ts";
import { CHECKPOINT_BYTES, FORMAT_VERSION, HASH_BYTES, LOG_SUITE, SIGN_PUBLIC_KEY_BYTES, SIGNATURE_BYTES, SIGNED_CHECKPOINT_BYTES } from "./limits.ts";
import { demand } from "./protocol-error.ts";

/** The relay's signed word about its key log (PROTOCOL.md §7): so many leaves under this root, at this time. */
export interface CheckpointFields {
  /** The key that signs: whose log it is. */
  relay: Uint8Array;
  /** At least 1: an empty log has no checkpoint. */
  size: number;
  root: Uint8Array;
  /** The relay's clock, milliseconds. */
  relayMs: number;
}

export interface Checkpoint extends CheckpointFields {
  /** The 82 bytes that are signed. */
  body: Uint8Array;
  signature: Uint8Array;
  bytes: Uint8Array;
}

export function encodeCheckpoint(checkpoint: CheckpointFields): Uint8Array {
  if (checkpoint.size < 1) throw new RangeError("an empty log has no checkpoint");
  return concatBytes(
    u8(FORMAT_VERSION),
    u8(LOG_SUITE),
    sized(checkpoint.relay, SIGN_PUBLIC_KEY_BYTES),
    u64(checkpoint.size),
    sized(checkpoint.root, HASH_BYTES),
    u64(checkpoint.relayMs),
  );
}

/** Parses a signed checkpoint of 146 bytes. @throws ProtocolError unknown-version, bad-length, bad-value */
export function parseCheckpoint(bytes: Uint8Array): Checkpoint {
  demandVersion(bytes, FORMAT_VERSION);
  demand(bytes.length === SIGNED_CHECKPOINT_BYTES, "bad-length");
  const parts = new ByteReader(bytes);
  const body = parts.take(CHECKPOINT_BYTES);
  const signature = parts.take(SIGNATURE_BYTES);
  const reader = new ByteReader(body);
  reader.u8();
  demand(reader.u8() === LOG_SUITE, "unknown-version");
  const fields = { relay: reader.take(SIGN_PUBLIC_KEY_BYTES), size: reader.u64(), root: reader.take(HASH_BYTES), relayMs: reader.u64() };
  demand(fields.size > 0, "bad-value");
  return { ...fields, body, signature, bytes: new Uint8Array(bytes) };
}
