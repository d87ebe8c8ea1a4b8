import { safetyNumber } from "../crypto/index.ts";
import { encodeBase64url, equalBytes, type UserId, type VaultFriend } from "../protocol/index.ts";
import type { ClientContext } from "./context.ts";
import { ClientError } from "./errors.ts";
import { findUser } from "./people.ts";
import { isRecipient, planAnotherRotation } from "./plan-rotation.ts";
import type { VerifiedUser } from "./verified-user.ts";

/**
 * Suspends a friend of whom two cards continue the same one: two people hold the keys of that card. Nothing is sealed to
 * the friend and nothing of theirs is shown until the two compared safety numbers in person (PROTOCOL.md §2).
 */
export async function suspendFriend({ vault, log, notices }: ClientContext, userId: UserId): Promise<void> {
  let suspended: VaultFriend | undefined;
  await vault.update((content) => {
    suspended = content.friends.friends.find((friend) => equalBytes(friend.userId, userId) && isRecipient(friend));
    if (suspended === undefined) return false;
    suspended.state = "SUSPENDED";
    planAnotherRotation(content, log.state.epoch, [userId]);
    return true;
  });
  if (suspended === undefined) return;
  notices.emit({ kind: "suspended", username: suspended.username ?? "", userId });
}

/** The digits to compare with a suspended friend: of the card that the relay shows now. */
export async function numberOfSuspended(context: ClientContext, friend: VaultFriend): Promise<string> {
  return safetyNumber(context.own, await findAgain(context, friend));
}

/**
 * Takes a friend back whose safety number was compared in person: they are pinned to the card that the number is of. The
 * number is asked for again, because the relay could show another card by now. Throws ClientError FRIEND_SUSPENDED.
 */
export async function reinstate(context: ClientContext, friend: VaultFriend, comparedNumber: string): Promise<void> {
  const { own, vault, log, chains, now } = context;
  const user = await findAgain(context, friend);
  if (digitsOf(safetyNumber(own, user)) !== digitsOf(comparedNumber)) {
    throw new ClientError("FRIEND_SUSPENDED", `This is not the safety number of the card that the relay shows for ${user.username} now. They stay suspended.`);
  }
  const content = await vault.update((next) => {
    const held = next.friends.friends.find(({ fid }) => equalBytes(fid, friend.fid));
    if (held?.state !== "SUSPENDED") return false;
    if (!equalBytes(held.cardHash, user.cardHash)) delete held.position;
    Object.assign(held, { state: "CONFIRMED", verified: true, verifiedCard: user.cardHash, cardHash: user.cardHash, cardVersion: user.card.cardVersion });
    planAnotherRotation(next, log.state.epoch);
    return true;
  });
  const held = content.friends.friends.find(({ fid }) => equalBytes(fid, friend.fid));
  if (held === undefined) return;
  chains.close(user.userId);
  await chains.open(held, user, now());
}

function findAgain({ transport }: ClientContext, { userId }: VaultFriend): Promise<VerifiedUser> {
  return findUser(transport, { id: encodeBase64url(userId) });
}

function digitsOf(number: string): string {
  return number.replaceAll(/\D/g, "");
}
