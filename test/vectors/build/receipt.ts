import { sign } from "../../../src/crypto/index.ts";
import { createReceipt, deriveReceiptKey } from "../../../src/crypto/relay/index.ts";
import { concatBytes, u8 } from "../../../src/protocol/index.ts";
import { fromHex, toHex } from "../hex.ts";
import type { Vector } from "../vector.ts";
import { CREATED_MS, bytesFor, person, withByte, withPart } from "./material.ts";
import { Topic } from "./topic.ts";

export function buildReceipts(): Topic {
  const topic = new Topic("receipt", "§3");
  const seed = bytesFor("relay");
  const { publicKey, secretKey } = deriveReceiptKey(seed);
  const fields = { entryHash: bytesFor("entry hash"), author: person("alice").userId, seq: 7, relayMs: CREATED_MS };
  const receipt = createReceipt(secretKey, fields);
  const body = receipt.subarray(0, 81);
  const entry = { entryHash: toHex(fields.entryHash), author: toHex(fields.author), seq: 7 };
  const signed = (changed: Uint8Array) => concatBytes(changed, sign(secretKey, "receipt", changed));
  const add = (id: string, expect: Vector["expect"], description: string, bytes: Uint8Array, of?: Partial<typeof entry>, relayKey = publicKey) =>
    topic.add("verify-receipt", id, expect, description, { relayKey: toHex(relayKey), receipt: toHex(bytes), ...(of && { entry: { ...entry, ...of } }) });

  topic.add("create-receipt", "create", "ok", "a receipt is signed by the relay's own key", { ...entry, relayMs: CREATED_MS, seed: toHex(seed) });
  add("signed", "ok", "a receipt by the pinned key", receipt);
  add("of-entry", "ok", "a receipt for this very entry", receipt, {});
  add("empty", "bad-length", "no bytes", new Uint8Array());
  add("truncated", "bad-length", "144 bytes", receipt.subarray(0, -1));
  add("longer", "bad-length", "146 bytes", concatBytes(receipt, u8(0)));
  add("version", "unknown-version", "version 2, well signed", signed(withPart(body, 0, u8(2))));
  add("seq-too-large", "bad-value", "a position of 2^53", signed(withPart(body, 65, fromHex("0020000000000000"))));
  add("changed", "bad-sig", "the relay's time changed", withByte(receipt, 80));
  add("changed-signature", "bad-sig", "a bit of the signature changed", withByte(receipt, -1));
  add("other-relay", "bad-sig", "another relay than the pinned one", receipt, {}, deriveReceiptKey(bytesFor("another relay")).publicKey);
  add("other-label", "bad-sig", "signed under entry", concatBytes(body, sign(secretKey, "entry", body)));
  add("other-author", "bad-receipt", "a receipt for another author's entry", receipt, { author: toHex(person("eve").userId) });
  add("other-seq", "bad-receipt", "a receipt for another position", receipt, { seq: 8 });
  add("other-entry", "bad-receipt", "a receipt for another entry at this position", receipt, { entryHash: toHex(bytesFor("another entry")) });
  add("order-signature-first", "bad-sig", "not signed and for another entry: the signature is looked at first", withByte(receipt, -1), { seq: 8 });
  return topic;
}
