import { createCheckpoint, createReceipt, deriveReceiptKey } from "../../crypto/relay/index.ts";
import type { CheckpointSigner, ReceiptSigner } from "../../domain/ports/index.ts";

/** Signs receipts with the key of a 32-byte seed. PROTOCOL.md §3. */
export function createReceiptSigner(seed: Uint8Array): ReceiptSigner {
  const { publicKey, secretKey } = deriveReceiptKey(seed);
  return { publicKey, sign: (receipt) => createReceipt(secretKey, receipt) };
}

/** Signs checkpoints of the key log with the key of the same seed, which clients have pinned already. PROTOCOL.md §7. */
export function createCheckpointSigner(seed: Uint8Array): CheckpointSigner {
  const keys = deriveReceiptKey(seed);
  return { sign: (checkpoint) => createCheckpoint(keys, checkpoint) };
}
