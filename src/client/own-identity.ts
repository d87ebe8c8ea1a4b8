import { cardHashOf, deriveIdentity, type Identity, type OpenedVault } from "../crypto/index.ts";
import { equalBytes, parseCard, type Card, type CardHash, type UserId } from "../protocol/index.ts";
import { ClientError } from "./errors.ts";
import type { VerifiedUser } from "./verified-user.ts";

/** The keys of one of the own cards. */
export interface OwnKeys {
  cardHash: CardHash;
  identity: Identity;
}

/** The person whose keys this client holds. */
export interface OwnIdentity extends OwnKeys {
  userId: UserId;
  username: string;
  card: Card;
  /** The keys of all own cards, oldest first: a grant may name an earlier one. */
  all: OwnKeys[];
}

/** The relay has to speak of the one who signed in, by id and by name. Throws ClientError OWN_CARD_MISMATCH. */
export function demandOwn(published: VerifiedUser, expected: { userId: UserId; username: string }): void {
  if (equalBytes(published.userId, expected.userId) && published.username === expected.username) return;
  throw new ClientError("OWN_CARD_MISMATCH", "The relay takes you for somebody else than the one who signed in. Nothing was changed; stop using this relay.");
}

/** The own identity as the opened vault proves it. */
export function ownIdentityOf(userId: UserId, username: string, opened: OpenedVault): OwnIdentity {
  const all = opened.cards.cards.map((seeds) => ({ cardHash: cardHashOf(parseCard(seeds.card)), identity: deriveIdentity(seeds) }));
  return { userId, username, card: opened.card, cardHash: opened.cardHash, identity: opened.identity, all };
}
