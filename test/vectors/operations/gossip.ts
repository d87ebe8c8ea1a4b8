import { createForkProof, createReceiptConflict, openObservation, verifyForkProof, verifyReceiptConflict } from "../../../src/crypto/index.ts";
import { parseCard, parseEntryHeader, parseReceipt } from "../../../src/protocol/index.ts";
import { observationWith, observedHead } from "../build/observation-twin.ts";
import { fromHex, type Hex } from "../hex.ts";

interface ObservationPlaceInput {
  thoughtKey: Hex;
  observer: Hex;
  entryId: Hex;
}

const placeOf = ({ observer, entryId }: ObservationPlaceInput) => ({ observer: fromHex(observer), entryId: fromHex(entryId) });

/** What PROTOCOL.md §3 defines for readers who compare what they were shown. */
export const gossip = {
  "create-observation": ({ nonce, seq, hash, ...input }: ObservationPlaceInput & { nonce: Hex; seq: number; hash: Hex }) => ({
    observation: observationWith({ ...placeOf(input), thoughtKey: fromHex(input.thoughtKey), nonce: fromHex(nonce), content: observedHead(seq, fromHex(hash)) }),
  }),

  "open-observation": ({ observation, ...input }: ObservationPlaceInput & { observation: Hex }) => {
    const { seq, hashStart } = openObservation(fromHex(input.thoughtKey), placeOf(input), fromHex(observation));
    return { seq, hashStart };
  },

  "create-fork-proof": ({ cards, a, b }: { cards: Hex[]; a: Hex; b: Hex }) => ({
    proof: createForkProof(cards.map((card) => parseCard(fromHex(card))), parseEntryHeader(fromHex(a)), parseEntryHeader(fromHex(b))),
  }),

  "verify-fork-proof": ({ proof }: { proof: Hex }) => {
    const { author, seq } = verifyForkProof(fromHex(proof));
    return { author, seq };
  },

  "create-receipt-conflict": ({ relayKey, a, b }: { relayKey: Hex; a: Hex; b: Hex }) => ({
    conflict: createReceiptConflict(fromHex(relayKey), parseReceipt(fromHex(a)), parseReceipt(fromHex(b))),
  }),

  "verify-receipt-conflict": ({ relayKey, conflict }: { relayKey: Hex; conflict: Hex }) => {
    const { author, seq } = verifyReceiptConflict(fromHex(relayKey), fromHex(conflict)).first;
    return { author, seq };
  },
};
