import {
  createFirstCard,
  createNextCard,
  deriveIdentity,
  generateIdentitySeeds,
  type CardOwner,
  type Identity,
  type IdentitySeeds,
} from "../../../src/crypto/index.ts";
import type { Card, CardHash, UserId } from "../../../src/protocol/index.ts";

/** Somebody with keys and a card. */
export interface Person extends CardOwner {
  userId: UserId;
  seeds: IdentitySeeds;
  identity: Identity;
  card: Card;
  cardHash: CardHash;
}

export function createPerson(): Person {
  const seeds = generateIdentitySeeds();
  const identity = deriveIdentity(seeds);
  return { seeds, identity, ...createFirstCard(identity, 1_700_000_000_000) };
}

/** The same person with the next card. */
export function withNextCard(person: Person): Person {
  const seeds = generateIdentitySeeds();
  const identity = deriveIdentity(seeds);
  const next = createNextCard(identity, person.identity, person.card, 1_700_000_100_000);
  return { ...person, seeds, identity, ...next };
}
