import { ProtocolError, type RefusalCode as ProtocolCode } from "../protocol/index.ts";
import { DomainError, type RefusalCode, type RefusalDetails } from "./domain-error.ts";

/** What each refusal of bytes says. */
export const refusalTexts = {
  BYTES_MALFORMED: "The bytes are not what PROTOCOL.md describes: build them again.",
  SIGNATURE_INVALID: "The signature does not verify with the identity card in force: sign again.",
  SIGNER_NOT_VIEWER: "This was made by somebody else: send only what the signed-in user signed.",
  CARD_STALE: "A card that this names is not in force any more: fetch the card in force and sign again.",
  HEAD_STALE: "The entry does not follow the head of the chain: synchronise and sign again.",
  EPOCH_STALE: "The entry is not of the epoch in force, or a new epoch has to come first: synchronise and start one if it is due.",
  ENTRY_INVALID: "The entry breaks a rule of the chain: build it again by PROTOCOL.md.",
  THOUGHT_NOT_FOUND: "There is no thought of yours to withdraw here: it was withdrawn before, or never stored.",
  VAULT_INVALID: "The manifest contradicts itself: build the vault again.",
} as const satisfies { [Code in RefusalCode]?: string };

/** What a client is told when a check refuses its bytes; everything else is BYTES_MALFORMED. */
export type Translations = { readonly [Code in ProtocolCode]?: keyof typeof refusalTexts };

const translations: Translations = {
  "bad-sig": "SIGNATURE_INVALID",
  "bad-author": "SIGNER_NOT_VIEWER",
  "bad-signer": "SIGNER_NOT_VIEWER",
  "bad-manifest": "VAULT_INVALID",
};

/**
 * Runs a step that parses or verifies bytes of a client; its refusal becomes the relay's answer. `special` goes before the
 * common translations, `details` travel with the answer. @throws DomainError
 */
export function refusing<T>(step: () => T, special: Translations = {}, details: RefusalDetails = {}): T {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    const code = special[error.code] ?? translations[error.code] ?? "BYTES_MALFORMED";
    throw new DomainError(code, `${refusalTexts[code]} (${error.code})`, details);
  }
}
