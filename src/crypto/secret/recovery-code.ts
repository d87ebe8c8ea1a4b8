import {
  demand,
  encodeCrockford,
  encodeUtf8,
  formatRecoveryCode,
  normalizeRecoveryCode,
  RECOVERY_CODE_CHARACTERS,
} from "../../protocol/index.ts";
import { deriveKey } from "../kdf.ts";
import { hash } from "../public/hash.ts";
import { generateBytes } from "./random.ts";

/** A recovery code to write down, and rc, the 26 bytes it stands for (PROTOCOL.md §6). */
export function generateRecoveryCode(): { code: string; rc: Uint8Array } {
  const characters = encodeCrockford(generateBytes(RECOVERY_CODE_CHARACTERS));
  const rc = encodeUtf8(characters);
  return { code: formatRecoveryCode(characters + checkCharacters(rc)), rc };
}

/** rc of a typed code. @throws ProtocolError bad-code */
export function parseRecoveryCode(text: string): Uint8Array {
  const characters = normalizeRecoveryCode(text);
  const rc = encodeUtf8(characters.slice(0, RECOVERY_CODE_CHARACTERS));
  demand(characters.endsWith(checkCharacters(rc)), "bad-code");
  return rc;
}

/** rcAuth: shows the relay that one holds the code, and nothing of the code (PROTOCOL.md §6). */
export function recoveryAuth(rc: Uint8Array): Uint8Array {
  return deriveKey(rc, "rc-auth");
}

// The first 10 bits: a typing mistake is told on the device, before anything is sent.
function checkCharacters(rc: Uint8Array): string {
  const [first = 0, second = 0] = hash("rc-check", rc);
  return encodeCrockford([first >> 3, ((first & 7) << 2) | (second >> 6)]);
}
