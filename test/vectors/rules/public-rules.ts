import { computed, edited, without, type Rule } from "./rule.ts";

const owner = "crypto/public/card-owner.ts";
const card = "crypto/public/verify-card.ts";
const reader = "crypto/public/chain-reader.ts";
const outline = "crypto/public/chain-outline.ts";
const friendship = "crypto/public/verify-friendship.ts";
const grant = "crypto/public/verify-grant-signature.ts";
const manifest = "crypto/public/verify-manifest.ts";
const receipt = "crypto/public/verify-receipt.ts";
const keyLog = "crypto/public/key-log.ts";

const importParseCard = { find: "  parseBeaconPayload,", replace: "  parseBeaconPayload,\n  parseCard," };

/** What everybody can verify, the relay included. */
export const publicRules: Rule[] = [
  computed("§1 VER: the label is signed along", "crypto/public/verify-signature.ts", "domainInput(`sig/${label}`, [message])", "message"),
  edited("§1 VER: the signature verifies", "crypto/public/verify-signature.ts", "return sodium.crypto_sign_verify_detached(signature, domainInput(`sig/${label}`, [message]), publicKey);", "sodium.crypto_sign_verify_detached(signature, domainInput(`sig/${label}`, [message]), publicKey); return true;"),
  edited("§1 VER: whatever is wrong does not verify", "crypto/public/verify-signature.ts", "return false;", "return true;"),
  computed("§1 H: the label is hashed along", "crypto/public/hash.ts", "domainInput(label, parts)", "Uint8Array.of(...parts.flatMap((part) => [...part]))"),
  without("whose it is", owner, 'demand(equalBytes(claimed.userId, owner.userId), "bad-author");'),
  without("by which card", owner, 'demand(equalBytes(claimed.cardHash, cardHashOf(owner.card)), "bad-card");'),

  without("§2 card: signed by its own key", card, 'demand(verifySignature(card.signPk, "card", card.body, card.signature), "bad-sig");'),
  edited("§2 card: a continuation does not stand alone", card, 'else demand(card.cardVersion === 1, "bad-card", "a continuation without the card before it");', ""),
  without("§2 card: the next version", card, 'demand(card.cardVersion === previous.cardVersion + 1, "bad-card");'),
  without("§2 card: names the card before it", card, 'demand(equalBytes(card.prevCardHash, cardHashOf(previous)), "bad-card");'),
  without("§2 card: signed by the key before it", card, 'demand(signature !== undefined && verifySignature(previous.signPk, "card-next", card.body, signature), "bad-sig");'),
  without("§2 card: a box can be sealed to it", card, "sodium.crypto_box_seal(new Uint8Array(KEY_BYTES), boxPk);"),
  without("§2 card: ML-KEM takes its key", card, "sodium.crypto_kem_mlkem768_enc(kemPk);"),
  computed("§2 safety number: ascending order", "crypto/public/safety-number.ts", ".sort()", ""),
  computed("§2 safety number: 5200 rounds", "crypto/public/safety-number.ts", "const ROUNDS = 5200", "const ROUNDS = 5199"),

  edited("§3 reader: no revocation passes", reader, 'demand(entry.type !== EntryType.REVOKE, "bad-type");', ""),
  without("§3 reader: the author", reader, 'demand(equalBytes(entry.author, author), "bad-author");'),
  without("§3 reader: the card in force", reader, 'demand(equalBytes(entry.signerCard, cardHashOf(card)), "bad-signer");'),
  without("§3 reader: the signature", reader, 'demand(verifySignature(card.signPk, "entry", entry.header, entry.signature), "bad-sig");'),
  edited("§3 genesis: begins with a CARD", reader, 'demand(entry.type === EntryType.CARD && entry.payload !== undefined, "bad-type", "a chain begins with a CARD");', ""),
  edited("§3 genesis: its card is verified", reader, "const card = verifyCard(entry.payload);", "const card = parseCard(entry.payload);", importParseCard),
  without("§3 genesis: its card proves the author", reader, 'demand(equalBytes(userIdOf(card), author), "bad-author");'),
  without("§3 reader: two entries at one position are a fork", reader, 'demand(entry.seq !== state.seq || equalBytes(entryHash, state.headHash), "fork");'),
  without("§3 reader: the next position", reader, 'demand(entry.seq === state.seq + 1, "bad-seq");'),
  without("§3 reader: linked to the entry before", reader, 'demand(equalBytes(entry.prev, state.headHash), "bad-prev");'),
  edited("§3 reader: an EPOCH where one is due", reader, 'demand(isEpoch || !isDue, "bad-epoch", "an EPOCH has to follow a CARD");', ""),
  edited("§3 genesis: EPOCH 0 after the first CARD", reader, "state.pendingReason2 || (state.card !== undefined && state.commitments === undefined)", "state.pendingReason2"),
  edited("§3 reader: an EPOCH after every CARD", reader, "state.pendingReason2 || (state.card !== undefined && state.commitments === undefined)", "(state.card !== undefined && state.commitments === undefined)"),
  without("§3 reader: the epoch in force", reader, 'demand(entry.epoch === (isEpoch ? next : state.epoch), "bad-epoch");'),
  without("§3 reader: the signed payload", reader, 'demand(equalBytes(entry.payloadHash, payloadHashOf(entry.payload)), "bad-payload-hash");'),
  without("§3 EPOCH: the payload says what the header says", reader, 'demand(epoch.n === n, "bad-epoch");'),
  without("§3 EPOCH: reason 2 exactly after a CARD", reader, 'demand((epoch.reason === EpochReason.CARD_CHANGED) === state.pendingReason2, "bad-epoch");'),
  edited("§3 CARD: continues the card in force", reader, "card: verifyCard(payload, { previous: state.card })", "card: parseCard(payload)", importParseCard),
  edited("§3 HEAL: its payload is one", reader, "parseHealPayload(entry.payload);", ""),
  edited("§3 BEACON: its payload is one", reader, "parseBeaconPayload(entry.payload);", ""),
  edited("§3 TOMBSTONE: is one", reader, 'demand(tombstone.type === EntryType.TOMBSTONE, "bad-type");', ""),
  without("§3 TOMBSTONE: of what it names", reader, 'demand(equalBytes(parseTombstonePayload(tombstone.payload), entryHashOf(target.header)), "bad-target");'),
  without("§3 TOMBSTONE: of a thought", reader, 'demand(target.type === EntryType.THOUGHT, "bad-target");'),
  edited("§3 TOMBSTONE: of the author's own", reader, "equalBytes(target.author, tombstone.author) && target.seq < tombstone.seq", "target.seq < tombstone.seq"),
  edited("§3 TOMBSTONE: of an earlier one", reader, "equalBytes(target.author, tombstone.author) && target.seq < tombstone.seq", "equalBytes(target.author, tombstone.author)"),

  edited("§3 outline: CARD and EPOCH only", reader, "(entry.type === EntryType.CARD || entry.type === EntryType.EPOCH)", "true"),
  edited("§3 outline: no header without its payload", reader, "isWithdrawn(bytes) ? parseWithdrawnEntry(bytes) : parseEntry(bytes)", "parseEntry(bytes)"),
  computed("§3 outline: neighbours are linked", reader, "if (entry.seq <= state.seq + 1) return demandLinked(state, entry, entryHash);", ""),
  edited("§3 outline: nothing between the first CARD and EPOCH 0", reader, "state.commitments !== undefined && !state.pendingReason2", "!state.pendingReason2"),
  edited("§3 outline: nothing between a CARD and its EPOCH", reader, "state.commitments !== undefined && !state.pendingReason2", "state.commitments !== undefined"),
  without("§3 single: somebody is known to sign", outline, 'demand(signer !== undefined, "bad-signer");'),
  without("§3 single: signed", outline, "demandSigned(outline.author, signer.card, entry);"),
  without("§3 single: the signed payload", outline, "demandSignedPayload(entry);"),
  edited("§3 single: a place of the outline is taken", outline, 'return demand(equalBytes(known.entryHash, entryHash), "fork");', "return;"),
  without("§3 single: an EPOCH after every CARD", outline, 'demand(entry.seq < outline.state.seq || !outline.state.pendingReason2, "bad-epoch", "an EPOCH has to follow a CARD");'),
  without("§3 single: no EPOCH that the outline lacks", outline, 'demand(entry.type !== EntryType.CARD && entry.type !== EntryType.EPOCH, "bad-epoch");'),
  without("§3 single: no revocation passes", outline, 'demand(entry.type !== EntryType.REVOKE, "bad-type");'),
  without("§3 single: the epoch in force at its place", outline, 'demand(entry.epoch === lastBefore(outline.epochs, entry.seq)?.payload.n, "bad-epoch");'),
  computed("§3 single: the card in force at its place", outline, "lastBefore(outline.cards, entry.seq) ?? outline.cards[0]", "outline.cards.at(-1)"),
  without("§3 backwards: the entry right before", outline, 'demand(older.entry.seq === newer.seq - 1, "bad-seq");'),
  without("§3 backwards: the entry that is named", outline, 'demand(equalBytes(older.entryHash, newer.prev), "bad-prev");'),
  computed("§3 joining: an EPOCH after a CARD", outline, "pendingReason2: entry.type === EntryType.CARD && entry.seq > 0", "pendingReason2: false"),

  without("§3 receipt: signed by the pinned key", receipt, 'demand(verifySignature(relayPk, "receipt", receipt.body, receipt.signature), "bad-sig");'),
  edited("§3 receipt: of this position", receipt, "receipt.seq === entry.seq && equalBytes(receipt.author, entry.author)", "equalBytes(receipt.author, entry.author)"),
  edited("§3 receipt: of this author", receipt, "receipt.seq === entry.seq && equalBytes(receipt.author, entry.author)", "receipt.seq === entry.seq"),
  without("§3 receipt: of this entry", receipt, 'demand(equalBytes(receipt.entryHash, entry.entryHash), "bad-receipt");'),

  without("§4 grant: whose it is and by which card", grant, "demandOwner(author, { userId: grant.author, cardHash: grant.authorCardHash });"),
  without("§4 grant: signed by the author", grant, 'demand(verifySignature(author.card.signPk, "grant", signed, grant.signature), "bad-sig");'),
  computed("§4 grant: the sealed part is signed along", grant, 'concatBytes(context, hash("grant-blob", sealed))', "context"),

  without("§5 REQUEST: whose it is and by which card", friendship, "demandOwner(from, { userId: request.from, cardHash: request.fromCardHash });"),
  without("§5 REQUEST: signed", friendship, 'demand(verifySignature(from.card.signPk, "req", request.record, request.signature), "bad-sig");'),
  without("§5 record: whose it is and by which card", friendship, "demandOwner(signer, { userId: record.signer, cardHash: record.signerCardHash });"),
  without("§5 record: signed", friendship, 'demand(verifySignature(signer.card.signPk, label, record.record, record.signature), "bad-sig");'),
  computed("§5 record: each type under its label", friendship, "const label = FRIENDSHIP_SIGN_LABELS[record.type];", 'const label = "acc";'),
  without("§5 answer: to this request", friendship, 'demand(equalBytes(record.fid, friendshipIdOf(request)), "bad-record");'),
  edited("§5 answer: by one of the two", friendship, "equalBytes(record.signer, signer) && equalBytes(record.peer, peer)", "equalBytes(record.peer, peer)"),
  edited("§5 answer: to the other of the two", friendship, "equalBytes(record.signer, signer) && equalBytes(record.peer, peer)", "equalBytes(record.signer, signer)"),
  edited("§5 answer: who asked does not accept", friendship, "type !== FriendshipRecordType.ACCEPT && type !== FriendshipRecordType.DECLINE", "type !== FriendshipRecordType.DECLINE"),
  edited("§5 answer: who asked does not decline", friendship, "type !== FriendshipRecordType.ACCEPT && type !== FriendshipRecordType.DECLINE", "type !== FriendshipRecordType.ACCEPT"),
  edited("§5 answer: who was asked does not confirm", friendship, "type !== FriendshipRecordType.CONFIRM && type !== FriendshipRecordType.CANCEL", "type !== FriendshipRecordType.CANCEL"),
  edited("§5 answer: who was asked does not cancel", friendship, "type !== FriendshipRecordType.CONFIRM && type !== FriendshipRecordType.CANCEL", "type !== FriendshipRecordType.CONFIRM"),

  without("§6 manifest: whose it is", manifest, 'demand(equalBytes(manifest.userId, owner.userId), "bad-author");'),
  without("§6 manifest: signed", manifest, 'demand(verifySignature(owner.card.signPk, "vault", manifest.body, manifest.signature), "bad-sig");'),

  without("§7 checkpoint: of the pinned relay", keyLog, 'demand(equalBytes(checkpoint.relay, relayPk), "bad-checkpoint");'),
  without("§7 checkpoint: signed", keyLog, 'demand(verifySignature(relayPk, "checkpoint", checkpoint.body, checkpoint.signature), "bad-sig");'),
  without("§7 inclusion: a leaf below the size", keyLog, 'demand(index < size, "bad-proof");'),
  without("§7 inclusion: of the signed root", keyLog, 'demand(equalBytes(computed, root), "bad-proof");'),
  edited("§7 proof: used up", keyLog, 'demand(this.#left === 0, "bad-proof");', ""),
  without("§7 consistency: no log gets smaller", keyLog, 'demand(older.size <= newer.size, "rolled-back");'),
  edited("§7 consistency: one root at one size", keyLog, 'return demand(equalBytes(older.root, newer.root), "split-view");', "return;"),
  without("§7 consistency: of the newer root", keyLog, 'demand(equalBytes(roots.newer, newer.root), "bad-proof");'),
  without("§7 consistency: of the older root", keyLog, 'demand(equalBytes(roots.older, older.root), "split-view");'),
  without("§7 split proof: both signed", keyLog, "for (const checkpoint of [older, newer]) verifyCheckpoint(relayPk, checkpoint.bytes);"),
  without("§7 split proof: a contradiction", keyLog, 'demand(isSplit(older, newer, path), "bad-proof");'),
  edited("§7 split proof: no other refusal convicts", keyLog, 'return error instanceof ProtocolError && error.code === "split-view";', "return error instanceof ProtocolError;"),
];
