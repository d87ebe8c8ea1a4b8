import { type Bytes, concat, demand, equal, fieldsOf, u64, u8 } from "./bytes.ts";
import { sign, verifySignature } from "./primitives.ts";

/** The place of a chain that a receipt has to be of. */
export interface Place {
  entryHash: Bytes;
  author: Bytes;
  seq: number;
}

export interface Receipt extends Place {
  relayMs: number;
}

/** A receipt by the pinned key of the relay, of that entry (PROTOCOL.md §3). */
export function verifyReceipt(relayKey: Bytes, bytes: Bytes, place?: Place): Receipt {
  const fields = fieldsOf(bytes, 1, 145);
  fields.bytes(1);
  const receipt = { entryHash: fields.bytes(32), author: fields.bytes(32), seq: fields.number(8), relayMs: fields.number(8) };
  verifySignature(relayKey, "receipt", bytes.slice(0, 81), fields.rest());
  if (place) {
    const isOfPlace = equal(receipt.entryHash, place.entryHash) && equal(receipt.author, place.author) && receipt.seq === place.seq;
    demand(isOfPlace, "bad-receipt");
  }
  return receipt;
}

export function createReceipt(seed: Bytes, { entryHash, author, seq, relayMs }: Receipt): Bytes {
  const signed = concat(u8(1), entryHash, author, u64(seq), u64(relayMs));
  return concat(signed, sign(seed, "receipt", signed));
}
