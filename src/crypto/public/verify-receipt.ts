import { demand, equalBytes, parseReceipt, type Receipt, type ReceiptFields } from "../../protocol/index.ts";
import { verifySignature } from "./verify-signature.ts";

/**
 * Verifies a receipt with the relay's pinned key and, when given, that it is for this entry (PROTOCOL.md §3).
 * @throws ProtocolError as parseReceipt; bad-sig, bad-receipt
 */
export function verifyReceipt(
  relayPk: Uint8Array,
  bytes: Uint8Array,
  entry?: Pick<ReceiptFields, "author" | "seq" | "entryHash">,
): Receipt {
  const receipt = parseReceipt(bytes);
  demand(verifySignature(relayPk, "receipt", receipt.body, receipt.signature), "bad-sig");
  if (!entry) return receipt;
  demand(receipt.seq === entry.seq && equalBytes(receipt.author, entry.author), "bad-receipt");
  demand(equalBytes(receipt.entryHash, entry.entryHash), "bad-receipt");
  return receipt;
}
