import { ByteReader, concatBytes, demandVersion, u8 } from "./bytes.ts";
import { FORMAT_VERSION, SIGNED_RECEIPT_BYTES } from "./limits.ts";
import { parseReceipt, type Receipt } from "./receipt.ts";

/** Two receipts of one relay for one place; nothing is verified yet. */
export interface ReceiptConflict {
  first: Receipt;
  second: Receipt;
}

export function encodeReceiptConflict({ first, second }: ReceiptConflict): Uint8Array {
  return concatBytes(u8(FORMAT_VERSION), first.bytes, second.bytes);
}

/** @throws ProtocolError unknown-version, bad-length, and as parseReceipt */
export function parseReceiptConflict(bytes: Uint8Array): ReceiptConflict {
  demandVersion(bytes, FORMAT_VERSION);
  const reader = new ByteReader(bytes);
  reader.u8();
  const first = parseReceipt(reader.take(SIGNED_RECEIPT_BYTES));
  const second = parseReceipt(reader.take(SIGNED_RECEIPT_BYTES));
  reader.end();
  return { first, second };
}
