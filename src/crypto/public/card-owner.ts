import { demand, equalBytes, type Card, type CardHash, type UserId } from "../../protocol/index.ts";
import { cardHashOf } from "./ids.ts";

/** A verified card and whose it is. Only a first card proves its user; for later ones the chain does. */
export interface CardOwner {
  userId: UserId;
  card: Card;
}

/** Refuses bytes that claim another person or another card than the owner's. @throws ProtocolError bad-author, bad-card */
export function demandOwner(owner: CardOwner, claimed: { userId: UserId; cardHash: CardHash }): void {
  demand(equalBytes(claimed.userId, owner.userId), "bad-author");
  demand(equalBytes(claimed.cardHash, cardHashOf(owner.card)), "bad-card");
}
