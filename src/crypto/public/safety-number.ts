import { HASH_BYTES, type CardHash, type UserId } from "../../protocol/index.ts";
import { hash } from "./hash.ts";

const ROUNDS = 5200;
const GROUPS = 6;
const GROUP_BYTES = 5;
const GROUP_DIGITS = 5;

/** 30 digits in six groups that stand for a person with this card (PROTOCOL.md §2). */
export function fingerprint({ userId, cardHash }: { userId: UserId; cardHash: CardHash }): string {
  let digest: Uint8Array = new Uint8Array(HASH_BYTES);
  for (let round = 0; round < ROUNDS; round += 1) digest = hash("safety", digest, userId, cardHash);
  return Array.from({ length: GROUPS }, (_, group) => {
    const bytes = digest.subarray(group * GROUP_BYTES, (group + 1) * GROUP_BYTES);
    const number = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
    return String(number % 10 ** GROUP_DIGITS).padStart(GROUP_DIGITS, "0");
  }).join(" ");
}

/** The 60 digits that two friends compare, the same on both sides: twelve groups of five (PROTOCOL.md §2). */
export function safetyNumber(
  a: { userId: UserId; cardHash: CardHash },
  b: { userId: UserId; cardHash: CardHash },
): string {
  return [fingerprint(a), fingerprint(b)].sort().join(" ");
}
