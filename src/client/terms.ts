import { equalBytes, GrantKind, type CardHash, type VaultFriend } from "../protocol/index.ts";
import type { VaultContent } from "./vault-store.ts";
import { verificationOf } from "./verification.ts";
import type { VerifiedUser } from "./verified-user.ts";

/** What one chooses for a new friend. */
export interface FriendChoice {
  /** Whether they read what was written before, or only what is written from now on. Without a word the setting decides. */
  history?: boolean | undefined;
}

/** What of one's own a friend reads: everything, what is written from the friendship on, or the one after the other. */
export type Sharing = "everything" | "from-now-on" | "everything-once-verified";

/** On what terms somebody is in the own vault. */
export type Terms = Pick<VaultFriend, "verified" | "verifiedCard" | "kind" | "historyWhenVerified">;

/**
 * The terms for this user. An own request that is under way keeps what was chosen with it; `provenCard` came by an invite
 * link, so that its owner is verified from the start.
 */
export function termsFor(
  { friends, settings }: VaultContent,
  { userId, cardHash }: Pick<VerifiedUser, "userId" | "cardHash">,
  { history, provenCard }: FriendChoice & { provenCard?: CardHash | undefined },
): Terms {
  const asked = friends.friends.find((friend) => equalBytes(friend.userId, userId) && friend.state === "PENDING_OUT");
  const verifiedCard = provenCard ?? asked?.verifiedCard;
  const proof = verifiedCard === undefined ? { verified: false } : { verified: true, verifiedCard };
  if (history !== undefined) return { ...proof, kind: history ? GrantKind.HISTORY : GrantKind.EPOCH_ONLY };
  const isRule = asked === undefined ? settings.historyAfterVerification : asked.historyWhenVerified;
  if (!isRule) return { ...proof, kind: asked?.kind ?? GrantKind.HISTORY };
  const isVerified = verificationOf({ ...proof, cardHash }) === "verified";
  return isVerified ? { ...proof, kind: GrantKind.HISTORY } : { ...proof, kind: GrantKind.EPOCH_ONLY, historyWhenVerified: true };
}

export function sharingOf({ kind, historyWhenVerified }: Pick<VaultFriend, "kind" | "historyWhenVerified">): Sharing {
  if (kind === GrantKind.HISTORY) return "everything";
  return historyWhenVerified ? "everything-once-verified" : "from-now-on";
}

/** Whether this friend was to get the history once verified, and is verified now. */
export function isHistoryDue(friend: VaultFriend): boolean {
  return friend.historyWhenVerified === true && verificationOf(friend) === "verified";
}

/** Changes the terms of a friend in the vault's content: from now on the grants open history. */
export function shareHistory(friend: VaultFriend): void {
  friend.kind = GrantKind.HISTORY;
  delete friend.historyWhenVerified;
}
