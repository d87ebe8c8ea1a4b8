import { equalBytes, type VaultFriend } from "../protocol/index.ts";

/**
 * Whether an identity card is known to be a friend's own: "verified" when safety numbers were compared or an invite link
 * brought it, "unverified" when nobody did so, "changed" when the card has changed since (PROTOCOL.md §2 "Verification").
 */
export type Verification = "verified" | "unverified" | "changed";

/** How sure the own vault is of this friend's card. */
export function verificationOf({ verified, verifiedCard, cardHash }: Pick<VaultFriend, "verified" | "verifiedCard" | "cardHash">): Verification {
  if (!verified) return "unverified";
  return verifiedCard !== undefined && equalBytes(verifiedCard, cardHash) ? "verified" : "changed";
}
