import { ByteReader, concatBytes, sized, u8 } from "./bytes.ts";
import type { EntryHash } from "./ids.ts";
import { HASH_BYTES } from "./limits.ts";
import { demand } from "./protocol-error.ts";

/** The payload of a HEAL: the 1 to 255 entries that this device signed and abandoned, in clear (PROTOCOL.md §3). */
export function encodeHealPayload(abandoned: EntryHash[]): Uint8Array {
  if (abandoned.length === 0) throw new RangeError("a HEAL names at least one entry");
  return concatBytes(u8(abandoned.length), ...abandoned.map((hash) => sized(hash, HASH_BYTES)));
}

/** @throws ProtocolError bad-length, bad-value */
export function parseHealPayload(bytes: Uint8Array): EntryHash[] {
  const reader = new ByteReader(bytes);
  const count = reader.u8();
  demand(count > 0, "bad-value");
  const abandoned = Array.from({ length: count }, () => reader.take(HASH_BYTES));
  reader.end();
  return abandoned;
}
