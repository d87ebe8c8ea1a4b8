import { cardHashOf, userIdOf, verifyCard } from "../crypto/index.ts";
import { equalBytes, parseBase64url, ProtocolError, type Card, type CardHash, type UserId } from "../protocol/index.ts";
import { ClientError } from "./errors.ts";
import type { UserPartsFragment } from "./generated/graphql.ts";

/** A user whose cards verify from the first, which proves the user id, to the one in force (PROTOCOL.md §2). */
export interface VerifiedUser {
  userId: UserId;
  username: string;
  /** Oldest first. */
  cards: Card[];
  /** The one in force. */
  card: Card;
  cardHash: CardHash;
}

/** Verifies what the relay says about a user. Throws ClientError CARD_REFUSED. */
export function verifyUser(user: UserPartsFragment): VerifiedUser {
  try {
    const userId = parseBase64url(user.id);
    const cards: Card[] = [];
    for (const { bytes } of user.cards) {
      const previous = cards.at(-1);
      cards.push(verifyCard(parseBase64url(bytes), previous === undefined ? {} : { previous }));
    }
    const first = cards[0];
    const card = cards.at(-1);
    if (first === undefined || card === undefined || !equalBytes(userIdOf(first), userId)) throw new ProtocolError("bad-card");
    return { userId, username: user.username, cards, card, cardHash: cardHashOf(card) };
  } catch (cause) {
    throw new ClientError("CARD_REFUSED", `The relay shows identity cards for ${user.username} that do not verify. Do not befriend this user here.`, { cause });
  }
}

/** Whether a card was ever in force for this user: pinned cards may be older than the one in force, never foreign. */
export function hasCard(user: VerifiedUser, cardHash: CardHash): boolean {
  return user.cards.some((card) => equalBytes(cardHashOf(card), cardHash));
}
