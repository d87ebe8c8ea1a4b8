import { createNextCard, deriveIdentity, generateIdentitySeeds, generateMasterKey, generateRecoveryCode } from "../crypto/index.ts";
import type { VaultCard } from "../protocol/index.ts";
import type { OwnIdentity } from "./own-identity.ts";

/** What takes the place of the present card, and of everything that opens what is sealed under it. */
export interface NewCard {
  /** Oneself as of this card; the keys of the cards before stay, because older grants name them. */
  own: OwnIdentity;
  /** For item 1 of the vault. */
  vaultCard: VaultCard;
  masterKey: Uint8Array;
  recovery: { code: string; rc: Uint8Array };
}

/** New random keys, and the card that continues the present one (PROTOCOL.md §2). */
export function createNewCard(own: OwnIdentity, createdMs: number): NewCard {
  const seeds = generateIdentitySeeds();
  const identity = deriveIdentity(seeds);
  const { card, cardHash } = createNextCard(identity, own.identity, own.card, createdMs);
  const { cardVersion } = card;
  return {
    own: { ...own, identity, card, cardHash, all: [...own.all, { identity, cardHash }] },
    vaultCard: { cardVersion, createdMs, ...seeds, card: card.bytes },
    masterKey: generateMasterKey(),
    recovery: generateRecoveryCode(),
  };
}
