import { createReceipt, deriveReceiptKey } from "../../crypto/relay/index.ts";
import type { ReceiptSigner } from "../../domain/ports/index.ts";

/** Signs receipts with the key of a 32-byte seed. PROTOCOL.md §3. */
export function createReceiptSigner(seed: Uint8Array): ReceiptSigner {
  const { publicKey, secretKey } = deriveReceiptKey(seed);
  return { publicKey, sign: (receipt) => createReceipt(secretKey, receipt) };
}
