import { compareBytes, demand, encodeReceiptConflict, equalBytes, parseReceiptConflict, type Receipt, type ReceiptConflict } from "../../protocol/index.ts";
import { verifyReceipt } from "./verify-receipt.ts";

/** The proof that a relay gave one place of a chain to two entries. @throws ProtocolError as verifyReceiptConflict */
export function createReceiptConflict(relayPk: Uint8Array, a: Receipt, b: Receipt): Uint8Array {
  const [first, second] = compareBytes(a.entryHash, b.entryHash) < 0 ? [a, b] : [b, a];
  const bytes = encodeReceiptConflict({ first, second });
  verifyReceiptConflict(relayPk, bytes);
  return bytes;
}

/**
 * Verifies with a relay's receipt key that it signed for two different entries at one place (PROTOCOL.md §3 "Receipt").
 * @throws ProtocolError as parseReceiptConflict; bad-sig, no-conflict
 */
export function verifyReceiptConflict(relayPk: Uint8Array, bytes: Uint8Array): ReceiptConflict {
  const { first, second } = parseReceiptConflict(bytes);
  for (const receipt of [first, second]) verifyReceipt(relayPk, receipt.bytes);
  demand(equalBytes(first.author, second.author) && first.seq === second.seq, "no-conflict");
  demand(compareBytes(first.entryHash, second.entryHash) < 0, "no-conflict");
  return { first, second };
}
