import { ByteReader, concatBytes, demandVersion, sized, u64, u8 } from "./bytes.ts";
import type { EntryHash, UserId } from "./ids.ts";
import { FORMAT_VERSION, HASH_BYTES, RECEIPT_BYTES, SIGNATURE_BYTES, SIGNED_RECEIPT_BYTES } from "./limits.ts";
import { demand } from "./protocol-error.ts";

/** The relay's signed word that it has stored an entry (PROTOCOL.md §3). */
export interface ReceiptFields {
  entryHash: EntryHash;
  author: UserId;
  seq: number;
  /** The relay's clock, milliseconds. */
  relayMs: number;
}

export interface Receipt extends ReceiptFields {
  /** The 81 bytes that are signed. */
  body: Uint8Array;
  signature: Uint8Array;
  bytes: Uint8Array;
}

export function encodeReceipt(receipt: ReceiptFields): Uint8Array {
  return concatBytes(
    u8(FORMAT_VERSION),
    sized(receipt.entryHash, HASH_BYTES),
    sized(receipt.author, HASH_BYTES),
    u64(receipt.seq),
    u64(receipt.relayMs),
  );
}

/** Parses a signed receipt of 145 bytes. @throws ProtocolError unknown-version, bad-length, bad-value */
export function parseReceipt(bytes: Uint8Array): Receipt {
  demandVersion(bytes, FORMAT_VERSION);
  demand(bytes.length === SIGNED_RECEIPT_BYTES, "bad-length");
  const parts = new ByteReader(bytes);
  const body = parts.take(RECEIPT_BYTES);
  const signature = parts.take(SIGNATURE_BYTES);
  const reader = new ByteReader(body);
  reader.u8();
  return {
    entryHash: reader.take(HASH_BYTES),
    author: reader.take(HASH_BYTES),
    seq: reader.u64(),
    relayMs: reader.u64(),
    body,
    signature,
    bytes: new Uint8Array(bytes),
  };
}
