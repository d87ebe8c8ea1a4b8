import { ByteReader, concatBytes, demandVersion, sized, u8 } from "./bytes.ts";
import { parseCheckpoint, type Checkpoint } from "./checkpoint.ts";
import { FORMAT_VERSION, HASH_BYTES, MAX_LOG_PATH, SIGNED_CHECKPOINT_BYTES } from "./limits.ts";
import { demand } from "./protocol-error.ts";

/** Two checkpoints of one relay that no single log has, and the path that shows it (PROTOCOL.md §7). */
export interface SplitProof {
  older: Checkpoint;
  newer: Checkpoint;
  /** A consistency path that leads to the newer root and to another older one; empty where both have the same size. */
  path: Uint8Array[];
}

export function encodeSplitProof({ older, newer, path }: { older: Uint8Array; newer: Uint8Array; path: Uint8Array[] }): Uint8Array {
  const checkpoints = [older, newer].map((bytes) => sized(bytes, SIGNED_CHECKPOINT_BYTES));
  return concatBytes(u8(FORMAT_VERSION), ...checkpoints, u8(path.length), ...path.map((hash) => sized(hash, HASH_BYTES)));
}

/** Parses the layout; what it proves is for verifySplitProof. @throws ProtocolError unknown-version, bad-length, bad-value */
export function parseSplitProof(bytes: Uint8Array): SplitProof {
  demandVersion(bytes, FORMAT_VERSION);
  const reader = new ByteReader(bytes);
  reader.u8();
  const [older, newer] = [reader.take(SIGNED_CHECKPOINT_BYTES), reader.take(SIGNED_CHECKPOINT_BYTES)];
  const count = reader.u8();
  demand(count <= MAX_LOG_PATH, "bad-value");
  const path = Array.from({ length: count }, () => reader.take(HASH_BYTES));
  reader.end();
  return { older: parseCheckpoint(older), newer: parseCheckpoint(newer), path };
}
