import { ByteReader, concatBytes, demandVersion, u16, u8 } from "./bytes.ts";
import { parseCard, type Card } from "./card.ts";
import { parseEntryHeader, type EntryHeader } from "./entry.ts";
import { CARD_BYTES, FORMAT_VERSION, MAX_OWN_CARDS, NEXT_CARD_BYTES, SIGNED_HEADER_BYTES } from "./limits.ts";
import { demand } from "./protocol-error.ts";

/** Two signed headers of one author and the cards that it takes to verify them, oldest first; nothing is verified yet. */
export interface ForkProof {
  cards: Card[];
  first: EntryHeader;
  second: EntryHeader;
}

/** @throws RangeError for no card or too many */
export function encodeForkProof({ cards, first, second }: ForkProof): Uint8Array {
  if (cards.length === 0 || cards.length > MAX_OWN_CARDS) throw new RangeError(`a proof with ${cards.length} cards`);
  const signed = [first, second].map(({ header, signature }) => concatBytes(header, signature));
  return concatBytes(u8(FORMAT_VERSION), u16(cards.length), ...cards.map(({ bytes }) => bytes), ...signed);
}

/** @throws ProtocolError unknown-version, bad-length, bad-value, and as parseCard and parseEntryHeader */
export function parseForkProof(bytes: Uint8Array): ForkProof {
  demandVersion(bytes, FORMAT_VERSION);
  const reader = new ByteReader(bytes);
  reader.u8();
  const count = reader.u16();
  demand(count > 0 && count <= MAX_OWN_CARDS, "bad-value");
  demand(bytes.length === 3 + CARD_BYTES + (count - 1) * NEXT_CARD_BYTES + 2 * SIGNED_HEADER_BYTES, "bad-length");
  const cards = Array.from({ length: count }, (_, index) => parseCard(reader.take(index === 0 ? CARD_BYTES : NEXT_CARD_BYTES)));
  const first = parseEntryHeader(reader.take(SIGNED_HEADER_BYTES));
  const second = parseEntryHeader(reader.take(SIGNED_HEADER_BYTES));
  return { cards, first, second };
}
