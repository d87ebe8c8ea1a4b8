import { compareBytes, demand, encodeForkProof, equalBytes, parseForkProof, type Card, type EntryHeader, type ForkProof, type UserId } from "../../protocol/index.ts";
import { demandSigned } from "./chain-reader.ts";
import { cardHashOf, entryHashOf, userIdOf } from "./ids.ts";
import { verifyCard } from "./verify-card.ts";

/** Whose chain was forked, and where. */
export interface ProvenFork {
  author: UserId;
  seq: number;
  proof: ForkProof;
}

/** The proof that an author signed two entries for one place; cards holds the author's, oldest first. @throws ProtocolError as verifyForkProof */
export function createForkProof(cards: Card[], a: EntryHeader, b: EntryHeader): Uint8Array {
  const [first, second] = compareBytes(entryHashOf(a.header), entryHashOf(b.header)) < 0 ? ([a, b] as const) : ([b, a] as const);
  const newest = Math.max(...[first, second].map(({ signerCard }) => indexOfCard(cards, signerCard)));
  demand(newest >= 0, "bad-signer");
  const bytes = encodeForkProof({ cards: cards.slice(0, newest + 1), first, second });
  verifyForkProof(bytes);
  return bytes;
}

/**
 * Verifies that somebody's keys signed two different entries for one place. It takes nobody's word, least of all a relay's:
 * the first card proves the user id, and the cards after it each other (PROTOCOL.md §3 "Forks").
 * @throws ProtocolError as parseForkProof and verifyCard; bad-author, bad-signer, bad-sig, no-conflict
 */
export function verifyForkProof(bytes: Uint8Array): ProvenFork {
  const proof = parseForkProof(bytes);
  const cards = verifyCards(proof.cards);
  const author = userIdOf(cards[0]!);
  const { first, second } = proof;
  const signers = [first, second].map((header) => demandSignedByOne(author, cards, header));
  demand(Math.max(...signers) === cards.length - 1, "bad-card", "a card that is newer than both signers");
  demand(first.seq === second.seq, "no-conflict");
  demand(compareBytes(entryHashOf(first.header), entryHashOf(second.header)) < 0, "no-conflict");
  return { author, seq: first.seq, proof };
}

function verifyCards(cards: Card[]): Card[] {
  const verified: Card[] = [];
  for (const { bytes } of cards) {
    const previous = verified.at(-1);
    verified.push(verifyCard(bytes, previous === undefined ? {} : { previous }));
  }
  return verified;
}

function demandSignedByOne(author: UserId, cards: Card[], header: EntryHeader): number {
  demand(equalBytes(header.author, author), "bad-author");
  const index = indexOfCard(cards, header.signerCard);
  const signer = cards[index];
  demand(signer !== undefined, "bad-signer");
  demandSigned(author, signer, header);
  return index;
}

function indexOfCard(cards: Card[], cardHash: Uint8Array): number {
  return cards.findIndex((card) => equalBytes(cardHashOf(card), cardHash));
}
