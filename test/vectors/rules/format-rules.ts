import { computed, edited, without, type Rule } from "./rule.ts";

const bytes = "protocol/bytes.ts";
const base64url = "protocol/base64url.ts";
const cbor = "protocol/cbor.ts";
const shape = "protocol/cbor-shape.ts";
const card = "protocol/card.ts";
const entry = "protocol/entry.ts";
const epoch = "protocol/epoch.ts";
const body = "protocol/thought-body.ts";
const grant = "protocol/grant.ts";
const record = "protocol/friendship-record.ts";
const manifest = "protocol/manifest.ts";
const receipt = "protocol/receipt.ts";
const checkpoint = "protocol/checkpoint.ts";
const split = "protocol/split-proof.ts";
const items = "protocol/vault-items.ts";
const code = "protocol/recovery-code.ts";
const link = "protocol/invite-link.ts";
const archive = "protocol/archive.ts";
const version = "demandVersion(bytes, FORMAT_VERSION);";

/** What parsers refuse before any key is at hand. */
export const formatRules: Rule[] = [
  edited("§1 nothing is read beyond the end", bytes, 'demand(end <= this.#bytes.length, "bad-length");', ""),
  edited("§1 nothing follows the end", bytes, 'if (this.#offset !== this.#bytes.length) throw new ProtocolError("bad-length");', ""),
  without("§1 integers up to 2^53 − 1", bytes, 'demand(Number.isSafeInteger(value), "bad-value");'),
  without("§1 base64url: no length that no bytes have", base64url, 'demand(text.length % 4 !== 1, "bad-encoding");'),
  without("§1 base64url: one alphabet", base64url, 'demand(digit !== NO_DIGIT, "bad-encoding");'),
  without("§1 base64url: unused bits are zero", base64url, 'demand(pending === 0, "bad-encoding");'),
  edited("§1 UTF-8 is valid", "protocol/utf8.ts", "fatal: true", "fatal: false"),
  computed("§1 a leading U+FEFF stays", "protocol/utf8.ts", "ignoreBOM: true", "ignoreBOM: false"),
  without("§1 CBOR: bounded size", cbor, 'demand(bytes.length <= limits.maxBytes, "bad-length");'),
  edited("§1 CBOR: no long forms", cbor, "strict: true", "strict: false"),
  without("§1 CBOR: keys in order", cbor, 'demand(compareBytes(container.key, spelled) < 0, "bad-cbor", "keys out of order");'),
  without("§1 CBOR: bounded depth", cbor, 'demand(this.#open.length <= MAX_CBOR_DEPTH, "bad-cbor", "too deep");'),
  edited("§1 CBOR: depth counts maps", cbor, "if (Type.equals(token.type, Type.map)) this.#enter(2 * Number(token.value), true);", ""),
  without("§1 CBOR: no floats", cbor, 'demand(!Type.equals(token.type, Type.float), "bad-cbor", "float");'),
  computed("§1 CBOR: text is valid UTF-8", cbor, "if (token.byteValue) token.value = parseUtf8(token.byteValue);", ""),
  edited("§1 CBOR: a length of bytes", shape, "value instanceof Uint8Array && value.length === length", "value instanceof Uint8Array"),
  edited("§1 CBOR: no negative numbers", shape, 'typeof value === "number" && value >= 0', 'typeof value === "number"'),
  without("§1 CBOR: a flag is a flag", shape, 'demand(typeof value === "boolean", "bad-cbor");'),
  without("§1 CBOR: text is text", shape, 'demand(typeof value === "string", "bad-cbor");'),
  without("§1 CBOR: text is not too long", shape, 'demand(encodeUtf8(value).length <= maxBytes, "bad-text");'),
  without("§1 CBOR: one of the known", shape, 'demand(chosen !== undefined, "bad-cbor");'),
  edited("§1 CBOR: lists end", shape, "Array.isArray(value) && value.length <= maxItems", "Array.isArray(value)"),
  edited("§1 buckets only", "crypto/secret/padding.ts", 'demand(isBucket(padded.length), "bad-padding");', ""),
  edited("§1 buckets are 256, 512 … 64 k and multiples of 64 k", "protocol/bucket.ts", "bucketFor(length - 1) === length", "true"),

  without("§2 card: known version", card, version),
  without("§2 card: 1357 or 1421 bytes", card, 'demand(bytes.length === CARD_BYTES || bytes.length === NEXT_CARD_BYTES, "bad-length");'),
  without("§2 card: length and card version agree", card, 'demand(isFirst ? card.cardVersion === 1 : card.cardVersion > 1, "bad-card");'),
  without("§2 card: a first card names none before it", card, 'demand(isFirst === isZero(card.prevCardHash), "bad-card");'),

  edited("§2 link: nothing before it", link, "/^((https?)", "/((https?)"),
  edited("§2 link: one case of letters", link, "#(.*)$/s;", "#(.*)$/is;"),
  edited("§2 link: no path but its own", link, "\\/invite(?:", ".*\\/invite(?:"),
  edited("§2 link: a user name of the right form", link, "[a-z0-9_]{3,30}", "[^#]*"),
  edited("§2 link: a port that exists", link, "Number(port) <= MAX_PORT && ", ""),
  edited("§2 link: no port that goes without saying", link, " && Number(port) !== OWN_PORT[scheme]", ""),
  edited("§2 link: no zeros before a port", link, "[1-9][0-9]{0,4}", "[0-9]{1,5}"),
  without("§2 link: known version", link, "demandVersion(proof, FORMAT_VERSION);"),
  without("§2 link: nothing after the card", link, "reader.end();"),

  without("§3 entry: known version", entry, version),
  without("§3 entry: a header of 234 bytes", entry, 'demand(bytes.length === SIGNED_HEADER_BYTES, "bad-length");'),
  without("§3 entry: the payload has the length that the header says", entry, 'demand(payload.length === entry.payloadLength, "bad-length");'),
  without("§3 entry: only a thought may lack its payload", entry, 'demand(entry.type === EntryType.THOUGHT, "bad-type");'),
  edited("§3 entry: known type", entry, 'demand(isEntryType(value), "bad-type");\n  return value;', "return value as EntryType;"),
  without("§3 entry: lengths by type", entry, 'demand(isPayloadLength(entry.type, entry.payloadLength), "bad-length");'),
  edited("§3 CARD: length", entry, "length === CARD_BYTES || length === NEXT_CARD_BYTES;", "true;"),
  edited("§3 EPOCH: length", entry, "length === FIRST_EPOCH_PAYLOAD_BYTES || length === EPOCH_PAYLOAD_BYTES;", "true;"),
  edited("§3 THOUGHT: length", entry, "return isThoughtBucket(length - SEAL_OVERHEAD_BYTES);", "return true;"),
  edited("§3 THOUGHT: at most 64 k", "protocol/bucket.ts", "length <= MAX_THOUGHT_BUCKET_BYTES && isBucket(length)", "isBucket(length)"),
  edited("§3 TOMBSTONE: length", entry, "length === TOMBSTONE_PAYLOAD_BYTES;", "true;"),
  edited("§3 BEACON: length", entry, "return isCountedLength(length, OBSERVATION_BYTES);", "return true;"),
  edited("§3 HEAL: length", entry, "length > 1 && isCountedLength(length, HASH_BYTES)", "true"),
  edited("§3 HEAL: not of nothing", entry, "length > 1 && isCountedLength(length, HASH_BYTES)", "isCountedLength(length, HASH_BYTES)"),
  without("§3 HEAL: a count above zero", "protocol/heal.ts", 'demand(count > 0, "bad-value");'),
  without("§3 HEAL: the count and nothing more", "protocol/heal.ts", "reader.end();"),
  without("§3 BEACON: the count and nothing more", "protocol/beacon.ts", "reader.end();"),
  without("§3 EPOCH: nothing after the link", epoch, "reader.end();"),
  without("§3 EPOCH: a link exactly when n > 0", epoch, 'demand(epoch.back.length === (epoch.n === 0 ? 0 : SEALED_KEY_BYTES), "bad-length");'),
  without("§3 EPOCH: the first, and only the first, has reason 0", epoch, 'demand((epoch.n === 0) === (epoch.reason === EpochReason.FIRST), "bad-epoch");'),
  edited("§3 EPOCH: known reason", epoch, 'demand(reason !== undefined, "bad-value");\n  return reason;', "return value as EpochReason;"),
  without("§3 body: known version", body, 'demand(value === 1, typeof value === "number" ? "unknown-version" : "bad-cbor");'),
  edited("§3 body: at most 8 observations", body, "MAX_OBSERVATIONS)),", "99)),"),
  edited("§3 body: a reply is a hash", body, "reply: optional(bytesOf(HASH_BYTES))", "reply: (value) => value as Uint8Array"),
  edited("§3 body: an edit is of a hash", body, "edits: optional(bytesOf(HASH_BYTES))", "edits: (value) => value as Uint8Array"),
  edited("§3 body: at most 60 000 bytes of text", body, "t: textOf(MAX_TEXT_BYTES)", "t: textOf(99_999)"),
  without("§3 receipt: known version", receipt, version),
  without("§3 receipt: 145 bytes", receipt, 'demand(bytes.length === SIGNED_RECEIPT_BYTES, "bad-length");'),

  without("§4 grant: the one suite", grant, "demandVersion(bytes, GRANT_SUITE);"),
  without("§4 grant: the suite of the sealed part", grant, 'demand(sealed[0] === GRANT_SUITE, "unknown-version");'),
  without("§4 grant: 1504 bytes", grant, 'demand(bytes.length === GRANT_BYTES, "bad-length");'),
  edited("§4 grant: known kind", grant, 'demand(kind !== undefined, "bad-type");\n  return kind;', "return value as GrantKind;"),

  without("§5 record: known version", record, version),
  without("§5 record: 226 bytes", record, 'demand(bytes.length === SIGNED_FRIENDSHIP_RECORD_BYTES, "bad-length");'),
  edited("§5 REQUEST: its type", record, 'demand(reader.u8() === REQUEST_TYPE, "bad-type");', "reader.u8();"),
  without("§5 REQUEST: not to oneself", record, 'demand(!equalBytes(request.from, request.to), "bad-record", "a request to oneself");'),
  edited("§5 REQUEST: some life", record, "lifeMs > 0 && lifeMs <= MAX_REQUEST_LIFE_MS", "lifeMs <= MAX_REQUEST_LIFE_MS"),
  edited("§5 REQUEST: at most 30 days", record, "lifeMs > 0 && lifeMs <= MAX_REQUEST_LIFE_MS", "lifeMs > 0"),
  edited("§5 record: known type", record, 'demand(type !== undefined, "bad-type");\n  return type;', "return value as FriendshipRecordType;"),
  without("§5 record: not with oneself", record, 'demand(!equalBytes(record.signer, record.peer), "bad-record", "a record with oneself");'),

  without("§6 manifest: known version", manifest, version),
  without("§6 manifest: nothing after the signature", manifest, "reader.end();"),
  edited("§6 manifest: versions begin at 1", manifest, "vaultVersion > 0 && (vaultVersion", "(vaultVersion"),
  edited("§6 manifest: the first, and only the first, names none before it", manifest, "vaultVersion > 0 && (vaultVersion === 1) === isZero(previousManifestHash)", "vaultVersion > 0"),
  without("§6 manifest: items in ascending order", manifest, 'demand(item > (items[index - 1]?.item ?? 0), "bad-manifest", "items out of order");'),
  edited("§6 manifest: an item has a version", manifest, "itemVersion > 0 && itemVersion <= vaultVersion", "itemVersion <= vaultVersion"),
  edited("§6 manifest: no item of a later version", manifest, "itemVersion > 0 && itemVersion <= vaultVersion", "itemVersion > 0"),
  edited("§6 friends: known state", items, "state: oneOf(FRIEND_STATES)", "state: (value) => value as FriendState"),
  edited("§6 friends: known kind", items, "kind: oneOf(Object.values(GrantKind))", "kind: (value) => value as GrantKind"),
  edited("§6 friends: a verified card is a hash", items, "verifiedCard: optional(hash)", "verifiedCard: (value) => value as Uint8Array"),
  edited("§6 friends: whether history waits is yes or no", items, "historyWhenVerified: optional(flag)", "historyWhenVerified: (value) => value as boolean"),
  edited("§6 friends: a first epoch is a number", items, "firstEpoch: optional(integer)", "firstEpoch: (value) => value as number"),
  edited("§6 settings: history after verification is yes or no", items, "historyAfterVerification: optional(flag)", "historyAfterVerification: (value) => value as boolean"),
  without("§6 recovery code: 28 characters", code, 'demand(characters.length === RECOVERY_CODE_CHARACTERS + RECOVERY_CHECK_CHARACTERS, "bad-code");'),
  without("§6 recovery code: its alphabet", code, 'demand([...characters].every((character) => ALPHABET.includes(character)), "bad-code");'),
  computed("§6 recovery code: O is 0", code, '.replace(/O/g, "0")', ""),
  computed("§6 recovery code: I and L are 1", code, '.replace(/[IL]/g, "1")', ""),

  without("§7 checkpoint: known version", checkpoint, version),
  without("§7 checkpoint: 146 bytes", checkpoint, 'demand(bytes.length === SIGNED_CHECKPOINT_BYTES, "bad-length");'),
  edited("§7 checkpoint: known way to hash", checkpoint, 'demand(reader.u8() === LOG_SUITE, "unknown-version");', "reader.u8();"),
  without("§7 checkpoint: of a leaf at least", checkpoint, 'demand(fields.size > 0, "bad-value");'),
  without("§7 split proof: known version", split, version),
  without("§7 split proof: as many hashes as a path has", split, 'demand(count <= MAX_LOG_PATH, "bad-value");'),
  without("§7 split proof: nothing behind its end", split, "reader.end();"),

  without("archive: a head of 147 bytes", archive, 'demand(bytes.length === ARCHIVE_HEAD_BYTES, "bad-length");'),
  edited("archive: this kind of file", archive, 'demand(equalBytes(reader.take(MAGIC.length), MAGIC), "bad-type");', "reader.take(MAGIC.length);"),
  edited("archive: known version", archive, "reader.u8() === FORMAT_VERSION && reader.u8() === STRETCHING", "reader.u8() > 0 && reader.u8() === STRETCHING"),
  edited("archive: known stretching", archive, "reader.u8() === FORMAT_VERSION && reader.u8() === STRETCHING", "reader.u8() === FORMAT_VERSION && reader.u8() > 0"),
  without("archive: bytes up to a length", archive, 'demand(value instanceof Uint8Array && value.length <= maxBytes, "bad-cbor");'),
];
