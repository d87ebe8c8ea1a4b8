import { demand, equalBytes, KEY_BYTES, parseCard, refuseAs, type Card } from "../../protocol/index.ts";
import { sodium } from "../sodium.ts";
import { cardHashOf } from "./ids.ts";
import { verifySignature } from "./verify-signature.ts";

/**
 * Verifies a card before it is pinned (PROTOCOL.md §2). A first card stands alone; a continuation needs the card that it
 * continues, which must be verified already.
 * @throws ProtocolError as parseCard; bad-card, bad-sig, unusable-card
 */
export function verifyCard(bytes: Uint8Array, { previous }: { previous?: Card } = {}): Card {
  const card = parseCard(bytes);
  demand(verifySignature(card.signPk, "card", card.body, card.signature), "bad-sig");
  if (previous) demandContinuation(card, previous);
  else demand(card.cardVersion === 1, "bad-card", "a continuation without the card before it");
  demandUsable(card);
  return card;
}

function demandContinuation(card: Card, previous: Card): void {
  demand(card.cardVersion === previous.cardVersion + 1, "bad-card");
  demand(equalBytes(card.prevCardHash, cardHashOf(previous)), "bad-card");
  const signature = card.previousSignature;
  demand(signature !== undefined && verifySignature(previous.signPk, "card-next", card.body, signature), "bad-sig");
}

// A self-signed card with a low-order point or bad coefficients would make every later rotation fail.
function demandUsable({ boxPk, kemPk }: Card): void {
  refuseAs("unusable-card", () => {
    sodium.crypto_box_seal(new Uint8Array(KEY_BYTES), boxPk);
    sodium.crypto_kem_mlkem768_enc(kemPk);
  });
}
