import { computed, edited, without, type Rule } from "./rule.ts";

const forkLayout = "protocol/fork-proof.ts";
const conflictLayout = "protocol/receipt-conflict.ts";
const observation = "crypto/secret/observation.ts";
const fork = "crypto/public/fork-proof.ts";
const conflict = "crypto/public/receipt-conflict.ts";

/** What readers check who compare what they were shown. */
export const gossipRules: Rule[] = [
  without("§3 observation: 101 bytes", observation, 'demand(bytes.length === OBSERVATION_BYTES, "bad-length");'),
  without("§3 observation: the tag of its place", observation, 'demand(equalBytes(bytes.subarray(0, OBSERVATION_TAG_BYTES), observationTag(thoughtKey, place)), "bad-seal");'),
  computed("§3 observation: bound to observer and entry", observation, "return concatBytes(observer, entryId);", "return new Uint8Array(observer.length + entryId.length);"),

  without("§3 fork proof: known version", forkLayout, "demandVersion(bytes, FORMAT_VERSION);"),
  without("§3 fork proof: a number of cards that there can be", forkLayout, 'demand(count > 0 && count <= MAX_OWN_CARDS, "bad-value");'),
  without("§3 fork proof: as long as its cards say", forkLayout, 'demand(bytes.length === 3 + CARD_BYTES + (count - 1) * NEXT_CARD_BYTES + 2 * SIGNED_HEADER_BYTES, "bad-length");'),
  edited("§3 fork proof: cards continue each other", fork, "previous === undefined ? {} : { previous }", "previous === undefined ? {} : { previous: parseForkCard(bytes) }", { find: "function verifyCards(", replace: "const parseForkCard = (bytes: Uint8Array): Card => verifyCard(bytes);\n\nfunction verifyCards(" }),
  without("§3 fork proof: both of one author", fork, 'demand(equalBytes(header.author, author), "bad-author");'),
  without("§3 fork proof: signed by a card of the author", fork, 'demand(signer !== undefined, "bad-signer");'),
  without("§3 fork proof: both signatures", fork, "demandSigned(author, signer, header);"),
  without("§3 fork proof: no card to spare", fork, 'demand(Math.max(...signers) === cards.length - 1, "bad-card", "a card that is newer than both signers");'),
  without("§3 fork proof: one place", fork, 'demand(first.seq === second.seq, "no-conflict");'),
  without("§3 fork proof: two entries, in order", fork, 'demand(compareBytes(entryHashOf(first.header), entryHashOf(second.header)) < 0, "no-conflict");'),

  without("§3 conflict: known version", conflictLayout, "demandVersion(bytes, FORMAT_VERSION);"),
  without("§3 conflict: nothing behind it", conflictLayout, "reader.end();"),
  without("§3 conflict: both receipts signed", conflict, "for (const receipt of [first, second]) verifyReceipt(relayPk, receipt.bytes);"),
  edited("§3 conflict: one chain", conflict, "equalBytes(first.author, second.author) && first.seq === second.seq", "first.seq === second.seq"),
  edited("§3 conflict: one place", conflict, "equalBytes(first.author, second.author) && first.seq === second.seq", "equalBytes(first.author, second.author)"),
  without("§3 conflict: two entries, in order", conflict, 'demand(compareBytes(first.entryHash, second.entryHash) < 0, "no-conflict");'),
];
