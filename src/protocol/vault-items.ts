import { bytesOf, codecOf, flag, integer, listOf, mapOf, oneOf, optional, textOf, type Shape } from "./cbor-shape.ts";
import { EpochReason } from "./epoch.ts";
import { GrantKind } from "./grant.ts";
import type { CardHash, EntryHash, EntryId, FriendshipId, UserId } from "./ids.ts";
import {
  BOX_SEED_BYTES,
  CARD_BYTES,
  ENTRY_ID_BYTES,
  HASH_BYTES,
  KEM_SEED_BYTES,
  KEY_BYTES,
  MAX_ENDED_FRIENDSHIPS,
  MAX_FRIENDS,
  MAX_OPEN_REQUESTS,
  MAX_OWN_CARDS,
  MAX_USERNAME_BYTES,
  MAX_VAULT_ITEM_BYTES,
  NEXT_CARD_BYTES,
  SIGN_SEED_BYTES,
  SIGNED_CHECKPOINT_BYTES,
  SIGNED_FRIENDSHIP_RECORD_BYTES,
} from "./limits.ts";

/** The numbers of the vault's items (PROTOCOL.md §6). */
export const VaultItem = { IDENTITY: 1, FRIENDS: 2, SETTINGS: 3, PENDING: 4 } as const;
export type VaultItem = (typeof VaultItem)[keyof typeof VaultItem];

/** The seeds behind one version of the own card; random, never derived from the master key. */
export interface VaultCard {
  cardVersion: number;
  createdMs: number;
  signSeed: Uint8Array;
  boxSeed: Uint8Array;
  kemSeed: Uint8Array;
  card: Uint8Array;
}

/** Item 1: every own card version, oldest first. */
export interface VaultIdentity {
  cards: VaultCard[];
}

/** How far a friendship has come, seen from the own vault (PROTOCOL.md §5). */
export const FRIEND_STATES = ["PENDING_OUT", "PENDING_IN", "ACCEPTED", "CONFIRMED", "SUSPENDED"] as const;
export type FriendState = (typeof FRIEND_STATES)[number];

export interface VaultFriend {
  userId: UserId;
  username?: string;
  /** The pinned card; its bytes come from the friend's chain. */
  cardHash: CardHash;
  /** Of the pinned card; absent for a first card. */
  cardVersion?: number;
  /** Safety numbers compared, or a card that an invite link brought. */
  verified: boolean;
  /** The card that this was said of; once another one is pinned, it has changed since. */
  verifiedCard?: CardHash;
  /** Which grants this friend gets: all history, or each epoch by itself. */
  kind: GrantKind;
  /** Of the second kind until this friend is verified, of the first from then on. */
  historyWhenVerified?: boolean;
  state: FriendState;
  fid: FriendshipId;
  /** The signed REQUEST while it is pending, 226 bytes. */
  request?: Uint8Array;
  expiresMs?: number;
  /** The newest verified entry of this friend's chain. */
  position?: ChainPosition;
  /** The first epoch of this friend's that a grant opened. */
  firstEpoch?: number;
}

export interface ChainPosition {
  seq: number;
  hash: EntryHash;
}

/** Item 2. Ended friendship ids stay, so that a replayed record finds them ended. */
export interface VaultFriends {
  friends: VaultFriend[];
  ended: FriendshipId[];
}

/** Item 3: the relay's keys as pinned at registration, the newest own epoch key, and what the user chose. */
export interface VaultSettings {
  relayReceiptKey: Uint8Array;
  /** The OPAQUE server's static public key. */
  relayLoginKey: Uint8Array;
  newestEpoch: { n: number; key: Uint8Array };
  /** Whether new friends read what was written before only once they are verified. */
  historyAfterVerification?: boolean;
  /** The newest verified checkpoint of the relay's key log. */
  log?: Uint8Array;
}

/** A rotation that is decided but not yet on the chain: nothing else is signed before it (PROTOCOL.md §5). */
export interface PendingRotation {
  n: number;
  key: Uint8Array;
  entryId: EntryId;
  reason: EpochReason;
  recipients: UserId[];
  excluded: UserId[];
  /** The friendship that ends in the same transaction. */
  endedFid?: FriendshipId;
}

/** Item 4: what a device must finish or heal before it writes anything else. */
export interface VaultPending {
  rotation?: PendingRotation;
  abandoned: EntryHash[];
  inFlight?: ChainPosition;
}

const hash = bytesOf(HASH_BYTES);
const MAX_LISTED_FRIENDS = MAX_FRIENDS + MAX_OPEN_REQUESTS;

const position = mapOf<ChainPosition>({ seq: integer, hash });

const cardBytes: Shape<Uint8Array> = (value) =>
  bytesOf(value instanceof Uint8Array && value.length === NEXT_CARD_BYTES ? NEXT_CARD_BYTES : CARD_BYTES)(value);

const identity = codecOf(
  mapOf<VaultIdentity>({
    cards: listOf(
      mapOf<VaultCard>({
        cardVersion: integer,
        createdMs: integer,
        signSeed: bytesOf(SIGN_SEED_BYTES),
        boxSeed: bytesOf(BOX_SEED_BYTES),
        kemSeed: bytesOf(KEM_SEED_BYTES),
        card: cardBytes,
      }),
      MAX_OWN_CARDS,
    ),
  }),
  MAX_VAULT_ITEM_BYTES,
);

const friends = codecOf(
  mapOf<VaultFriends>({
    friends: listOf(
      mapOf<VaultFriend>({
        userId: hash,
        username: optional(textOf(MAX_USERNAME_BYTES)),
        cardHash: hash,
        cardVersion: optional(integer),
        verified: flag,
        verifiedCard: optional(hash),
        kind: oneOf(Object.values(GrantKind)),
        historyWhenVerified: optional(flag),
        state: oneOf(FRIEND_STATES),
        fid: hash,
        request: optional(bytesOf(SIGNED_FRIENDSHIP_RECORD_BYTES)),
        expiresMs: optional(integer),
        position: optional(position),
        firstEpoch: optional(integer),
      }),
      MAX_LISTED_FRIENDS,
    ),
    ended: listOf(hash, MAX_ENDED_FRIENDSHIPS),
  }),
  MAX_VAULT_ITEM_BYTES,
);

const settings = codecOf(
  mapOf<VaultSettings>({
    relayReceiptKey: bytesOf(KEY_BYTES),
    relayLoginKey: bytesOf(KEY_BYTES),
    newestEpoch: mapOf<VaultSettings["newestEpoch"]>({ n: integer, key: bytesOf(KEY_BYTES) }),
    historyAfterVerification: optional(flag),
    log: optional(bytesOf(SIGNED_CHECKPOINT_BYTES)),
  }),
  MAX_VAULT_ITEM_BYTES,
);

const pending = codecOf(
  mapOf<VaultPending>({
    rotation: optional(
      mapOf<PendingRotation>({
        n: integer,
        key: bytesOf(KEY_BYTES),
        entryId: bytesOf(ENTRY_ID_BYTES),
        reason: oneOf(Object.values(EpochReason)),
        recipients: listOf(hash, MAX_LISTED_FRIENDS),
        excluded: listOf(hash, MAX_LISTED_FRIENDS),
        endedFid: optional(hash),
      }),
    ),
    abandoned: listOf(hash, MAX_LISTED_FRIENDS),
    inFlight: optional(position),
  }),
  MAX_VAULT_ITEM_BYTES,
);

/** Deterministic CBOR of the four items. encode… and parse… @throws ProtocolError bad-cbor, bad-text, bad-length */
export const encodeVaultIdentity = identity.encode;
export const parseVaultIdentity = identity.parse;
export const encodeVaultFriends = friends.encode;
export const parseVaultFriends = friends.parse;
export const encodeVaultSettings = settings.encode;
export const parseVaultSettings = settings.parse;
export const encodeVaultPending = pending.encode;
export const parseVaultPending = pending.parse;
