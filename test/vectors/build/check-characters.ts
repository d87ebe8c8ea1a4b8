import { hash } from "../../../src/crypto/index.ts";
import { encodeCrockford, encodeUtf8 } from "../../../src/protocol/index.ts";

/** The two check characters of a recovery code: the first 10 bits of H("rc-check", rc) (PROTOCOL.md §6). */
export function checkCharacters(characters: string): string {
  const digest = hash("rc-check", encodeUtf8(characters));
  const bits = (digest[0]! << 8) | digest[1]!;
  return encodeCrockford([bits >> 11, bits >> 6]);
}
