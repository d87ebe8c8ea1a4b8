import { parseCheckpoint, type VaultFriend, type VaultSettings } from "../protocol/index.ts";
import { sleep } from "./backoff.ts";
import type { ClientContext } from "./context.ts";
import type { FriendChain } from "./friend-chain.ts";

/** The log grows with every card of anybody: it is no reason of its own to save a vault more often than this. */
const PIN_LOG_EVERY_MS = 60 * 60 * 1000;
/** Whoever closes does not wait for a relay that is away: what is not saved is read again next time. */
const LAST_SAVE_MS = 2_000;

/**
 * Pins in the vault how far each friend's chain was read, from which epoch on it opens, and what was seen of the key log, so
 * that no relay can show less of them to another device without being noticed.
 */
export async function saveProgress({ vault, chains, keyLog, own }: Pick<ClientContext, "vault" | "chains" | "keyLog" | "own">): Promise<void> {
  await vault.update(({ friends, settings }) => {
    const moved = friends.friends.map((friend) => {
      const chain = chains.find(friend.userId);
      return chain !== undefined && [pinPosition(friend, chain), pinFirstEpoch(friend, chain)].includes(true);
    });
    const isSaved = moved.includes(true) || isLogDue(settings, keyLog.newest?.relayMs);
    return isSaved && (keyLog.pinTo(settings, own.userId) || moved.includes(true));
  });
}

/** The same for whoever closes. */
export async function saveLast(context: ClientContext): Promise<void> {
  const saving = new AbortController();
  const saved = saveProgress(context).catch(() => undefined);
  await Promise.race([saved, sleep(LAST_SAVE_MS, saving.signal)]);
  saving.abort();
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

function isLogDue({ log: pinned }: VaultSettings, relayMs = 0): boolean {
  return pinned === undefined || relayMs >= parseCheckpoint(pinned).relayMs + PIN_LOG_EVERY_MS;
}
