/** Sizes in bytes and counts that both sides enforce (PROTOCOL.md §1 to §6). */
export const FORMAT_VERSION = 1;

export const HASH_BYTES = 32;
export const KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;
export const SIGN_PUBLIC_KEY_BYTES = 32;
export const BOX_PUBLIC_KEY_BYTES = 32;
export const KEM_PUBLIC_KEY_BYTES = 1184;
export const KEM_CIPHERTEXT_BYTES = 1088;
export const BOX_SEAL_OVERHEAD_BYTES = 48;

export const SEAL_NONCE_BYTES = 24;
/** version ‖ nonce ‖ commitment ‖ authentication tag */
export const SEAL_OVERHEAD_BYTES = 73;
export const SEALED_KEY_BYTES = SEAL_OVERHEAD_BYTES + KEY_BYTES;

export const CARD_BODY_BYTES = 1293;
export const CARD_BYTES = CARD_BODY_BYTES + SIGNATURE_BYTES;
export const NEXT_CARD_BYTES = CARD_BYTES + SIGNATURE_BYTES;

export const ENTRY_ID_BYTES = 16;
export const ENTRY_PRE_BYTES = 134;
export const ENTRY_HEADER_BYTES = 170;
export const SIGNED_HEADER_BYTES = ENTRY_HEADER_BYTES + SIGNATURE_BYTES;

export const FIRST_EPOCH_PAYLOAD_BYTES = 75;
export const EPOCH_PAYLOAD_BYTES = FIRST_EPOCH_PAYLOAD_BYTES + SEALED_KEY_BYTES;
export const TOMBSTONE_PAYLOAD_BYTES = HASH_BYTES;
export const OBSERVATION_BYTES = 101;
export const OBSERVATION_TAG_BYTES = 4;
export const OBSERVED_HASH_BYTES = 16;
export const MAX_OBSERVATIONS = 8;

export const MAX_TEXT_BYTES = 60_000;
/** A thought's body is padded to at most this bucket. */
export const MAX_THOUGHT_BUCKET_BYTES = 65_536;
/** One byte of every bucket belongs to the padding. */
export const MAX_THOUGHT_BODY_BYTES = MAX_THOUGHT_BUCKET_BYTES - 1;
export const MAX_PAYLOAD_BYTES = MAX_THOUGHT_BUCKET_BYTES + SEAL_OVERHEAD_BYTES;
export const MAX_ENTRY_BYTES = SIGNED_HEADER_BYTES + MAX_PAYLOAD_BYTES;

export const GRANT_CONTEXT_BYTES = 166;
/** KEY ‖ H("grant-ctx", ctx) in a sealed box */
export const GRANT_INNER_BYTES = KEY_BYTES + HASH_BYTES + BOX_SEAL_OVERHEAD_BYTES;
export const GRANT_SEALED_BYTES = 1 + KEM_CIPHERTEXT_BYTES + SEAL_OVERHEAD_BYTES + GRANT_INNER_BYTES;
export const GRANT_BYTES = GRANT_CONTEXT_BYTES + GRANT_SEALED_BYTES + SIGNATURE_BYTES;

export const FRIENDSHIP_RECORD_BYTES = 162;
export const SIGNED_FRIENDSHIP_RECORD_BYTES = FRIENDSHIP_RECORD_BYTES + SIGNATURE_BYTES;
export const REQUEST_ID_BYTES = 16;
export const MAX_REQUEST_LIFE_MS = 30 * 24 * 60 * 60 * 1000;
export const MAX_FRIENDS = 1000;
/** Of one user, sent and received: 20 a day for 30 days. */
export const MAX_OPEN_REQUESTS = 600;

export const RECEIPT_BYTES = 81;
export const SIGNED_RECEIPT_BYTES = RECEIPT_BYTES + SIGNATURE_BYTES;
export const RECEIPT_CONFLICT_BYTES = 1 + 2 * SIGNED_RECEIPT_BYTES;

/** How the key log hashes: BLAKE2b under labels. */
export const LOG_SUITE = 1;
export const CHECKPOINT_BYTES = 82;
export const SIGNED_CHECKPOINT_BYTES = CHECKPOINT_BYTES + SIGNATURE_BYTES;
/** Hashes of one proof: a tree of 2^53 leaves has 53 levels, and a consistency proof one hash more. */
export const MAX_LOG_PATH = 54;

export const SIGN_SEED_BYTES = 32;
export const BOX_SEED_BYTES = 32;
export const KEM_SEED_BYTES = 64;
export const EXPORT_KEY_BYTES = 64;
export const WRAP_BYTES = SEALED_KEY_BYTES;
export const MAX_VAULT_ITEM_BYTES = 1_048_576;

export const MAX_CBOR_DEPTH = 8;

/** Vault lists; full lists fit the limit of their item. */
export const MAX_OWN_CARDS = 256;
export const MAX_ENDED_FRIENDSHIPS = 8192;
export const MAX_USERNAME_BYTES = 30;

export const SESSION_ID_BYTES = 16;

export const ARCHIVE_SALT_BYTES = 16;
export const ARCHIVE_ID_BYTES = 16;
/** Magic, version, stretching, salt and id. */
export const ARCHIVE_PREFIX_BYTES = 42;
export const ARCHIVE_HEAD_BYTES = ARCHIVE_PREFIX_BYTES + WRAP_BYTES;
export const MAX_ARCHIVE_PIECE_BYTES = 1_048_576;
