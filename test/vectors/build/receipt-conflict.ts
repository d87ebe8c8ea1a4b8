import { createReceiptConflict, sign } from "../../../src/crypto/index.ts";
import { createReceipt, deriveReceiptKey } from "../../../src/crypto/relay/index.ts";
import { concatBytes, parseReceipt, u8, type ReceiptFields } from "../../../src/protocol/index.ts";
import { toHex } from "../hex.ts";
import type { Vector } from "../vector.ts";
import { CREATED_MS, bytesFor, person, withByte, withPart } from "./material.ts";
import { Topic } from "./topic.ts";

export function buildReceiptConflicts(): Topic {
  const topic = new Topic("receipt-conflict", "§3");
  const { publicKey, secretKey } = deriveReceiptKey(bytesFor("relay"));
  const other = deriveReceiptKey(bytesFor("another relay"));
  const fields = { entryHash: bytesFor("one entry"), author: person("alice").userId, seq: 7, relayMs: CREATED_MS };
  const receipt = (change: Partial<ReceiptFields> = {}, key = secretKey) => createReceipt(key, { ...fields, ...change });
  const entryHash = bytesFor("another entry");
  const conflict = createReceiptConflict(publicKey, parseReceipt(receipt()), parseReceipt(receipt({ entryHash })));
  const [first, second] = [conflict.slice(1, 146), conflict.slice(146)];
  const larger = parseReceipt(second).entryHash;
  const proofWith = (a: Uint8Array, b: Uint8Array) => concatBytes(u8(1), a, b);
  const add = (id: string, expect: Vector["expect"], description: string, bytes: Uint8Array, relayKey = publicKey) =>
    topic.add("verify-receipt-conflict", id, expect, description, { relayKey: toHex(relayKey), conflict: toHex(bytes) });

  topic.add("create-receipt-conflict", "create", "ok", "from two receipts, in either order", { relayKey: toHex(publicKey), a: toHex(second), b: toHex(first) });
  topic.add("create-receipt-conflict", "create-of-one", "no-conflict", "from one receipt twice", { relayKey: toHex(publicKey), a: toHex(first), b: toHex(first) });
  add("two-entries", "ok", "two entries at one place", conflict);
  add("two-times", "ok", "two entries at one place, stored at different times", proofWith(first, receipt({ entryHash: larger, relayMs: CREATED_MS + 1 })));
  add("empty", "bad-length", "no bytes", new Uint8Array());
  add("truncated", "bad-length", "290 bytes", conflict.subarray(0, -1));
  add("longer", "bad-length", "292 bytes", concatBytes(conflict, u8(0)));
  add("one-receipt", "bad-length", "one receipt only", conflict.subarray(0, 146));
  add("version", "unknown-version", "version 2", withByte(conflict, 0, 3));
  const body = withPart(second.subarray(0, 81), 0, u8(2));
  add("receipt-version", "unknown-version", "a receipt of version 2, well signed", proofWith(first, concatBytes(body, sign(secretKey, "receipt", body))));
  add("other-relay", "bad-sig", "the key of another relay", conflict, other.publicKey);
  add("two-relays", "bad-sig", "a receipt of each of two relays", proofWith(first, receipt({ entryHash: larger }, other.secretKey)));
  add("two-relays-first", "bad-sig", "the same with the foreign one first", proofWith(receipt({ entryHash: parseReceipt(first).entryHash }, other.secretKey), second));
  add("changed", "bad-sig", "an entry hash changed after it was signed", withByte(conflict, 2));
  add("same", "no-conflict", "one receipt twice", proofWith(first, first));
  add("same-entry", "no-conflict", "two receipts for one entry, stored twice after a backup", proofWith(receipt(), receipt({ relayMs: CREATED_MS + 1 })));
  add("other-seq", "no-conflict", "two places", proofWith(first, receipt({ entryHash: larger, seq: 8 })));
  add("other-author", "no-conflict", "the chains of two people", proofWith(first, receipt({ entryHash: larger, author: person("eve").userId })));
  add("descending", "no-conflict", "the larger entry hash first", proofWith(second, first));
  return topic;
}
