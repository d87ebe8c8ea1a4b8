import { cardHashOf, verifyCard, type ChainOutline } from "../crypto/index.ts";
import { encodeBase64url, EntryType, equalBytes, isWithdrawn, parseEntry, ProtocolError, type Card, type VaultFriend } from "../protocol/index.ts";
import type { ClientContext } from "./context.ts";
import { ClientError } from "./errors.ts";
import type { FriendChain } from "./friend-chain.ts";
import { findUser } from "./people.ts";
import { isRecipient, planAnotherRotation } from "./plan-rotation.ts";
import { suspendFriend } from "./suspension.ts";
import { verificationOf } from "./verification.ts";
import { hasCard, type VerifiedUser } from "./verified-user.ts";

/**
 * A friend's verified row of cards has to hold the one that the own vault pins (PROTOCOL.md §2 "Pinning"). A row that
 * leaves it out for another continuation suspends the friend. A row that ends before it may have been told before the card
 * came: the relay is asked once more. Throws ClientError FRIEND_SUSPENDED.
 */
export async function demandPinned(context: ClientContext, friend: VaultFriend, user: VerifiedUser): Promise<void> {
  const isEarlier = equalBytes(user.userId, friend.userId) && user.card.cardVersion < versionOf(friend);
  return demandIn(context, friend, isEarlier ? await findUser(context.transport, { id: encodeBase64url(friend.userId) }) : user);
}

async function demandIn(context: ClientContext, friend: VaultFriend, user: VerifiedUser): Promise<void> {
  const isSame = equalBytes(user.userId, friend.userId);
  if (isSame && hasCard(user, friend.cardHash)) return demandName(friend, user);
  // A shorter row is an older one: the relay lost the newest card, or withholds it.
  const isForked = isSame && user.card.cardVersion >= versionOf(friend);
  if (isForked) await suspendFriend(context, friend.userId);
  const what = isForked ? "another identity card than" : "older identity cards than";
  throw new ClientError("FRIEND_SUSPENDED", `The relay shows ${what} the one you know of ${user.username}. Compare safety numbers in person.`);
}

// The name is pinned too: what the relay tells later may continue the card, and change nothing else.
function demandName(friend: VaultFriend, user: VerifiedUser): void {
  if (friend.username === undefined || friend.username === user.username) return;
  throw new ClientError("FRIEND_SUSPENDED", `The relay shows your friend ${friend.username} under the name ${user.username}. Nothing of this friend is shown until it is honest about names.`);
}

/**
 * Moves the pin of a friend to the card that their chain has come to. Whoever holds the keys of the card before may still
 * open what was granted to it: a new epoch of one's own comes before the next thought.
 */
export async function followCard(context: ClientContext, { user, log }: FriendChain): Promise<void> {
  const { vault, notices } = context;
  const { card, pendingReason2 } = log.state;
  // A card comes with its epoch: alone, it may be one that the relay never stored.
  if (card === undefined || pendingReason2 || !isBehind(vault.content.friends.friends.find(isOf(user)), card.cardVersion)) return;
  let wasVerified: boolean | undefined;
  await vault.update((content) => {
    const friend = content.friends.friends.find(isOf(user));
    wasVerified = undefined;
    if (friend === undefined || !isBehind(friend, card.cardVersion)) return false;
    // What was compared in person stays written down beside the new pin: the friend reads as changed.
    wasVerified = verificationOf(friend) === "verified";
    friend.cardHash = cardHashOf(card);
    friend.cardVersion = card.cardVersion;
    if (isRecipient(friend)) planAnotherRotation(content, log.state.epoch);
    return true;
  });
  if (wasVerified === undefined) return;
  notices.emit({ kind: "cardChanged", username: user.username, userId: user.userId, wasVerified });
}

/** Whether these bytes carry a second continuation of a card whose continuation is known: somebody else holds the keys of the card before. */
export function isSecondContinuation({ cards }: ChainOutline, entryBytes: Uint8Array): boolean {
  try {
    if (isWithdrawn(entryBytes)) return false;
    const { type, payload } = parseEntry(entryBytes);
    if (type !== EntryType.CARD) return false;
    const continued = cards.find(({ card }, index) => index + 1 < cards.length && continues(payload, card));
    return continued !== undefined && !cards.some(({ card }) => equalBytes(card.bytes, payload));
  } catch (error) {
    if (error instanceof ProtocolError) return false;
    throw error;
  }
}

function continues(cardBytes: Uint8Array, previous: Card): boolean {
  try {
    return verifyCard(cardBytes, { previous }).cardVersion > previous.cardVersion;
  } catch (error) {
    if (error instanceof ProtocolError) return false;
    throw error;
  }
}

function isBehind(friend: VaultFriend | undefined, cardVersion: number): boolean {
  return friend !== undefined && friend.state !== "SUSPENDED" && versionOf(friend) < cardVersion;
}

function versionOf({ cardVersion = 1 }: VaultFriend): number {
  return cardVersion;
}

function isOf({ userId }: VerifiedUser): (friend: VaultFriend) => boolean {
  return (friend) => equalBytes(friend.userId, userId);
}
