import { cardHashOf } from "../crypto/index.ts";
import { equalBytes, type Card, type VaultFriend } from "../protocol/index.ts";
import type { ClientContext } from "./context.ts";
import type { LoggedCard } from "./key-log.ts";

/**
 * Refuses a friend's card that the key log does not prove. One that the own vault pins was proven before: it stays in use
 * when the log breaks, so that a relay cannot part friends by contradicting itself. Throws ClientError CARD_NOT_LOGGED, KEY_LOG_BROKEN.
 */
export async function demandLogged({ keyLog }: ClientContext, friend: VaultFriend, { username, card }: { username: string; card: Card }): Promise<void> {
  const cardHash = cardHashOf(card);
  const isPinned = equalBytes(cardHash, friend.cardHash);
  await keyLog.demand({ username: friend.username ?? username, userId: friend.userId, cardHash }).catch((error: unknown) => {
    if (!isPinned || !keyLog.isBroken) throw error;
  });
}

/** The pinned cards of friends, to be proven in a few questions instead of one for each. */
export async function provePinned({ keyLog, vault }: ClientContext): Promise<void> {
  const { friends } = vault.content.friends;
  await keyLog.prove(friends.flatMap(({ username, userId, cardHash }): LoggedCard[] => (username === undefined ? [] : [{ username, userId, cardHash }])));
}
