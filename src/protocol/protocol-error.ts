/** Why bytes from outside were refused. Test vectors carry these words; the list is closed. */
export type RefusalCode =
  | "bad-length" // fewer or more bytes than the layout has
  | "unknown-version" // a version or suite this build does not know: ask for an update
  | "bad-type" // a type or kind that may not stand here
  | "bad-value" // a number or count outside its range
  | "bad-encoding" // text that is not canonical base64url
  | "bad-text" // text that is not valid UTF-8 or too long
  | "bad-cbor" // not deterministic CBOR of the expected shape
  | "bad-padding" // not padded to a bucket
  | "bad-sig" // a signature that does not verify
  | "bad-card" // an identity card that is not the expected one
  | "unusable-card" // a card whose keys nothing can be sealed to
  | "bad-signer" // not signed by the card in force at this position
  | "bad-author" // another author's bytes
  | "bad-seq" // not the next position
  | "bad-prev" // not linked to the previous entry
  | "fork" // a second signed entry at a position that is taken
  | "bad-epoch" // against the epoch rule
  | "bad-payload-hash" // a payload other than the signed one
  | "bad-target" // a tombstone of something that cannot be withdrawn
  | "bad-commit" // a key other than the committed one
  | "bad-seal" // sealed bytes that do not open
  | "bad-back-link" // a link to the previous epoch that does not open
  | "bad-grant" // a grant for someone else, or one that does not open
  | "bad-record" // a friendship record that contradicts itself
  | "bad-receipt" // a receipt of another entry
  | "no-conflict" // a proof whose two halves do not contradict each other
  | "bad-manifest" // a manifest that contradicts itself, the vault or the chain
  | "bad-vault" // items other than those the manifest names
  | "rolled-back" // a vault or key log older than what the own chain or this device has seen
  | "bad-email" // not an e-mail address
  | "bad-link" // not an invite link in its one spelling
  | "bad-code" // a mistyped recovery code
  | "bad-login" // bytes that are no step of a login
  | "bad-password" // a wrong password, or a relay that does not hold the record
  | "bad-checkpoint" // a checkpoint of another relay's key log
  | "bad-proof" // a proof that does not lead to the signed root
  | "split-view" // two checkpoints of one relay that no single log has
  | "bad-archive"; // pieces of an archive that do not belong together

/** The only error that bytes from outside can cause. Misuse by our own code throws RangeError instead. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
  readonly code: RefusalCode;

  constructor(code: RefusalCode, detail?: string, options?: ErrorOptions) {
    super(detail === undefined ? code : `${code}: ${detail}`, options);
    this.code = code;
  }
}

/** Throws a ProtocolError unless the condition holds. */
export function demand(condition: boolean, code: RefusalCode, detail?: string): asserts condition {
  if (!condition) throw new ProtocolError(code, detail);
}

/** Runs the step; whatever it throws becomes the one refusal, so that no difference between failures shows. */
export function refuseAs<T>(code: RefusalCode, step: () => T): T {
  try {
    return step();
  } catch {
    throw new ProtocolError(code);
  }
}
