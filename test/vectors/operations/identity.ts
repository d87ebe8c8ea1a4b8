import {
  cardHashOf,
  createFirstCard,
  createNextCard,
  deriveIdentity,
  fingerprint,
  safetyNumber,
  userIdOf,
  verifyCard,
  type CardOwner,
} from "../../../src/crypto/index.ts";
import { encodeInviteLink, parseCard, parseInviteLink, type Card } from "../../../src/protocol/index.ts";
import { fromHex, type Hex } from "../hex.ts";

export interface SeedsInput {
  signSeed: Hex;
  boxSeed: Hex;
  kemSeed: Hex;
}

/** A person whose card is verified already. */
export interface OwnerInput {
  userId: Hex;
  card: Hex;
}

interface PersonInput {
  userId: Hex;
  cardHash: Hex;
}

export const identityOf = ({ signSeed, boxSeed, kemSeed }: SeedsInput) =>
  deriveIdentity({ signSeed: fromHex(signSeed), boxSeed: fromHex(boxSeed), kemSeed: fromHex(kemSeed) });

export const ownerOf = ({ userId, card }: OwnerInput): CardOwner => ({ userId: fromHex(userId), card: parseCard(fromHex(card)) });

const personOf = ({ userId, cardHash }: PersonInput) => ({ userId: fromHex(userId), cardHash: fromHex(cardHash) });

function describeCard(card: Card) {
  const { cardVersion, createdMs } = card;
  const cardHash = cardHashOf(card);
  return cardVersion === 1 ? { cardVersion, createdMs, cardHash, userId: userIdOf(card) } : { cardVersion, createdMs, cardHash };
}

/** What PROTOCOL.md §2 defines. */
export const identity = {
  "create-first-card": ({ createdMs, ...seeds }: SeedsInput & { createdMs: number }) => {
    const { card, userId, cardHash } = createFirstCard(identityOf(seeds), createdMs);
    return { card: card.bytes, userId, cardHash };
  },

  "create-next-card": ({ createdMs, previous, ...seeds }: SeedsInput & { createdMs: number; previous: SeedsInput & { card: Hex } }) => {
    const previousCard = parseCard(fromHex(previous.card));
    const { card, cardHash } = createNextCard(identityOf(seeds), identityOf(previous), previousCard, createdMs);
    return { card: card.bytes, cardHash };
  },

  "verify-card": ({ card, previous }: { card: Hex; previous?: Hex }) =>
    describeCard(verifyCard(fromHex(card), previous === undefined ? {} : { previous: parseCard(fromHex(previous)) })),

  fingerprint: (person: PersonInput) => ({ digits: fingerprint(personOf(person)) }),

  "create-invite-link": ({ relay, username, ...person }: PersonInput & { relay: string; username?: string }) => ({
    link: encodeInviteLink({ relay, ...(username === undefined ? {} : { username }), ...personOf(person) }),
  }),

  "parse-invite-link": ({ link }: { link: string }) => parseInviteLink(link),

  "safety-number": ({ a, b }: { a: PersonInput; b: PersonInput }) => ({ digits: safetyNumber(personOf(a), personOf(b)) }),
};
