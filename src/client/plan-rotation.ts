import { generateEntryId, generateEpochKey } from "../crypto/index.ts";
import { EpochReason, type FriendshipId, type UserId, type VaultFriend } from "../protocol/index.ts";
import type { VaultContent } from "./vault-store.ts";

/** Whether this friend gets the own epoch keys: friends, and those whose request was accepted by oneself (PROTOCOL.md §4). */
export function isRecipient({ state }: VaultFriend): boolean {
  return state === "CONFIRMED" || state === "ACCEPTED";
}

/**
 * Writes a rotation into the vault's content: it must be on the chain before anything else is written. The key is fresh, so
 * nobody who leaves ever held it (PROTOCOL.md §5 "Unfriending").
 */
export function planRotation(content: VaultContent, newestEpoch: number, excluded: UserId[], endedFid?: FriendshipId): void {
  const before = content.pending.rotation;
  content.pending.rotation = {
    n: newestEpoch + 1,
    key: generateEpochKey(),
    entryId: generateEntryId(),
    reason: EpochReason.ANY,
    recipients: recipientsOf(content),
    excluded: [...(before?.excluded ?? []), ...excluded],
    ...(endedFid === undefined ? {} : { endedFid }),
  };
}

/** As planRotation, on top of what is pending: a friendship that was to end with that ends with this. */
export function planAnotherRotation(content: VaultContent, newestEpoch: number, excluded: UserId[] = []): void {
  planRotation(content, newestEpoch, [], content.pending.rotation?.endedFid);
  // The last one is whose friendship ends.
  content.pending.rotation?.excluded.unshift(...excluded);
}

/** Who gets the own epoch keys, as the vault holds it. */
export function recipientsOf({ friends }: VaultContent): UserId[] {
  return friends.friends.filter(isRecipient).map(({ userId }) => userId);
}
