import type { VaultFriend } from "../protocol/index.ts";
import type { ClientContext } from "./context.ts";
import type { FriendChain } from "./friend-chain.ts";

/**
 * Pins in the vault how far each friend's chain was read and from which epoch on it opens, so that no relay can show less of
 * it to another device without being noticed.
 */
export async function savePositions({ vault, chains }: Pick<ClientContext, "vault" | "chains">): Promise<void> {
  await vault.update(({ friends }) => {
    const changes = friends.friends.map((friend) => {
      const chain = chains.find(friend.userId);
      return chain !== undefined && [pinPosition(friend, chain), pinFirstEpoch(friend, chain)].includes(true);
    });
    return changes.includes(true);
  });
}

// Another device may have read further, and what does not verify is no position.
function pinPosition(friend: VaultFriend, { log, isStopped }: FriendChain): boolean {
  if (isStopped || log.state.seq <= (friend.position?.seq ?? -1)) return false;
  friend.position = log.position;
  return true;
}

function pinFirstEpoch(friend: VaultFriend, { keys: { firstEpoch } }: FriendChain): boolean {
  if (firstEpoch === undefined || firstEpoch >= (friend.firstEpoch ?? Infinity)) return false;
  friend.firstEpoch = firstEpoch;
  return true;
}
