// What the relay's rules need from the world. Adapters: src/storage (repositories), src/realtime (bus, feed source),
// src/server (clock, randomness, keys). All ids, hashes and keys are bytes; times are milliseconds since 1970.

import type { CardHash, EntryHash, EntryId, FriendshipId, UserId } from "../protocol/index.ts";
import type { Viewer } from "./viewer.ts";

export interface Clock {
  nowMs(): number;
}

export interface Random {
  bytes(count: number): Uint8Array;
}

// --- keys of the relay's own -------------------------------------------------------------------

/** Signs receipts. PROTOCOL.md §3. */
export interface ReceiptSigner {
  readonly publicKey: Uint8Array;
  sign(receipt: { entryHash: EntryHash; author: UserId; seq: number; relayMs: number }): Uint8Array;
}

/** The relay's half of OPAQUE. Strings are the base64url forms of the OPAQUE library. PROTOCOL.md §6. */
export interface PasswordVerifier {
  readonly publicKey: Uint8Array;
  createRegistrationResponse(userId: UserId, registrationRequest: string): string;
  /** An unknown name passes `record: null` and gets an answer of the same shape. Throws DomainError BYTES_MALFORMED. */
  startLogin(userId: UserId, record: string | null, loginRequest: string): { serverState: string; loginResponse: string };
  /** Whether the client proved the password. */
  finishLogin(serverState: string, loginFinish: string): boolean;
}

export interface TokenIssuer {
  readonly accessTokenSeconds: number;
  issueAccessToken(userId: UserId, sessionId: Uint8Array, nowMs: number): Promise<{ accessToken: string; expiresAtMs: number }>;
  /** Undefined when the token is not valid for any reason. */
  verifyAccessToken(accessToken: string, nowMs: number): Promise<{ userId: UserId; sessionId: Uint8Array; expiresAtMs: number } | undefined>;
  /** The refresh token of one step of a session: always the same for the same step, so that a lost answer can be given again. */
  deriveRefreshToken(sessionId: Uint8Array, counter: number): string;
  /** The session and step a refresh token claims to be, and its hash; undefined when malformed. */
  parseRefreshToken(refreshToken: string): { sessionId: Uint8Array; counter: number; hash: Uint8Array } | undefined;
}

/** Hashes with a key that lies outside the database. */
export interface KeyedHash {
  /** Of the hash that a client made of an address. */
  emailHash(email: Uint8Array): Uint8Array;
  /** The user id that an unknown name is given at login: the same each time. */
  unknownUserId(username: string): UserId;
}

// --- rows as the domain sees them --------------------------------------------------------------

export interface UserRecord {
  id: UserId;
  username: string;
  createdAtMs: number;
  disabledAtMs: number | undefined;
  cardVersion: number;
  cardHash: CardHash;
  listedByEmail: boolean;
  eventNumber: number;
}

export interface Credentials {
  registrationRecord: string;
  passwordWrap: Uint8Array;
  wrapVersion: number;
  recoveryWrap: Uint8Array;
  recoveryWrapVersion: number;
  recoveryVerifier: Uint8Array;
}

export interface CardRecord {
  userId: UserId;
  version: number;
  hash: CardHash;
  bytes: Uint8Array;
}

export interface SessionRecord {
  /** 16 bytes. */
  id: Uint8Array;
  userId: UserId;
  deviceName: string;
  createdAtMs: number;
  refreshedAtMs: number;
  refreshCounter: number;
  refreshHash: Uint8Array;
  previousRefreshHash: Uint8Array | undefined;
}

/** A login between its two steps. */
export interface LoginAttemptRecord {
  /** 16 bytes. */
  id: Uint8Array;
  /** Undefined for an unknown user name. */
  user: { id: UserId; wrapVersion: number } | undefined;
  serverState: string;
  expiresAtMs: number;
}

export interface ChainRecord {
  author: UserId;
  seq: number;
  headHash: EntryHash;
  /** When the relay received the head: the next entry is not received before it. */
  headReceivedAtMs: number;
  epoch: number;
  epochCommitment: Uint8Array;
  thoughtCommitment: Uint8Array;
  signerCardHash: CardHash;
  cardEpochDue: boolean;
  rotationDue: boolean;
  /** How often the relay had been restored when a device last showed its newest receipt. */
  restoration: number;
  /** How many edges to this author have ended. */
  endedEdges: number;
}

/** What an entry is checked against before it is appended, as it all stood at one moment. */
export interface AppendBasis {
  chain: ChainRecord;
  /** The bytes of the card that signs the next entry. */
  card: Uint8Array;
  /** Whether an entry of this id is stored already. */
  isKnown: boolean;
}

export interface EntryRecord {
  author: UserId;
  seq: number;
  type: number;
  epoch: number;
  entryId: EntryId;
  hash: EntryHash;
  /** Header and signature, 234 bytes. */
  signedHeader: Uint8Array;
  /** Undefined once a thought is withdrawn. */
  payload: Uint8Array | undefined;
  receivedAtMs: number;
  receipt: Uint8Array;
}

/** A THOUGHT entry. */
export type ThoughtRecord = EntryRecord;

/** A place in a feed, which is ordered by time of receipt, then author, then place in the author's chain. */
export interface FeedPlace {
  receivedAtMs: number;
  author: UserId;
  seq: number;
}

export const OPEN_STATES = ["PENDING", "ACCEPTED", "CONFIRMED"] as const;
export type FriendshipState = (typeof OPEN_STATES)[number] | "DECLINED" | "CANCELLED" | "ENDED" | "EXPIRED";

export interface FriendshipRecordRow {
  id: FriendshipId;
  requester: UserId;
  accepter: UserId;
  state: FriendshipState;
  createdAtMs: number;
  expiresAtMs: number;
  changedAtMs: number;
  requestRecord: Uint8Array;
  acceptRecord: Uint8Array | undefined;
  confirmRecord: Uint8Array | undefined;
  endRecord: Uint8Array | undefined;
}

/** `reader` may read the chain of `author` and receive the author's grants. Changes only while the author's head is locked. */
export interface EdgeRecord {
  reader: UserId;
  author: UserId;
  friendshipId: FriendshipId;
  /** The author's head when the edge began: what follows is live to the reader. */
  sinceSeq: number;
}

export type FriendshipEventKind =
  | "REQUESTED" | "ACCEPTED" | "CONFIRMED" | "DECLINED" | "CANCELLED" | "ENDED" | "GRANT_ASKED" | "GRANT_STORED";

export interface FriendshipEventRecord {
  userId: UserId;
  number: number;
  kind: FriendshipEventKind;
  friendshipId: FriendshipId;
}

export interface GrantRecord {
  author: UserId;
  recipient: UserId;
  kind: 1 | 2;
  epoch: number;
  bytes: Uint8Array;
}

export interface VaultItemRecord {
  item: number;
  itemVersion: number;
  sealed: Uint8Array;
}

export interface VaultRecord {
  version: number;
  manifest: Uint8Array;
  items: VaultItemRecord[];
}

/** A page of a list. `after` is the cursor of the last element seen, in the repository's own form. */
export interface Page<T> {
  rows: T[];
  hasMore: boolean;
}

// --- repositories ------------------------------------------------------------------------------

export interface UserRepository {
  findById(id: UserId): Promise<UserRecord | undefined>;
  /** In the order of `ids`, undefined where there is none: one statement. */
  findMany(ids: UserId[]): Promise<(UserRecord | undefined)[]>;
  findByUsername(username: string): Promise<UserRecord | undefined>;
  /** Undefined for a disabled user too. */
  findByEmailHash(emailHash: Uint8Array): Promise<UserRecord | undefined>;
  /** In order of user name, without disabled users. */
  list(options: { prefix: string; afterUsername: string | undefined; first: number }): Promise<Page<UserRecord>>;
  /** Throws DomainError USERNAME_TAKEN, USER_EXISTS or EMAIL_TAKEN. */
  insert(user: UserRecord & Credentials & { emailHash: Uint8Array | undefined }): Promise<void>;
  getCredentials(id: UserId): Promise<Credentials>;
  /** Replaces them if the stored `wrapVersion` is still the expected one; false otherwise. */
  replaceCredentials(id: UserId, expectedWrapVersion: number, credentials: Credentials): Promise<boolean>;
  /** Throws DomainError EMAIL_TAKEN. */
  setEmailHash(id: UserId, emailHash: Uint8Array | undefined): Promise<void>;
  setDisabled(id: UserId, disabledAtMs: number | undefined): Promise<void>;
  /** The first 100 of each user, oldest first, in the order of `ids`: one statement. */
  listCards(ids: UserId[]): Promise<CardRecord[][]>;
  /** The cards in force, in the order of `ids`: one statement. */
  findCurrentCards(ids: UserId[]): Promise<(CardRecord | undefined)[]>;
  /** Stores a card and makes it the one in force. */
  insertCard(card: CardRecord): Promise<void>;
  /** Locks the users' rows in ascending order of id, against deadlocks. */
  lock(ids: UserId[]): Promise<void>;
}

export interface SessionRepository {
  insert(session: SessionRecord): Promise<void>;
  find(id: Uint8Array): Promise<SessionRecord | undefined>;
  /** Newest first. */
  list(userId: UserId): Promise<SessionRecord[]>;
  /** Those of these sessions that have not ended: one statement. */
  listOpen(ids: Uint8Array[]): Promise<Uint8Array[]>;
  /** Advances the refresh step if `refreshHash` is still the stored one; false when another refresh won. */
  advance(id: Uint8Array, expectedHash: Uint8Array, next: { counter: number; hash: Uint8Array; refreshedAtMs: number }): Promise<boolean>;
  delete(id: Uint8Array): Promise<boolean>;
  /** Ids of the deleted sessions. */
  deleteAll(userId: UserId, except: Uint8Array | undefined): Promise<Uint8Array[]>;
  insertLoginAttempt(attempt: LoginAttemptRecord): Promise<void>;
  /** Takes the attempt out: each works once. */
  takeLoginAttempt(id: Uint8Array): Promise<LoginAttemptRecord | undefined>;
  deleteExpiredLoginAttempts(nowMs: number): Promise<void>;
}

export interface ChainRepository {
  insertChain(chain: ChainRecord): Promise<void>;
  find(author: UserId): Promise<ChainRecord | undefined>;
  /** The heads in the order asked for, locked in ascending order of author, against deadlocks. Every author has one. */
  lock<Authors extends UserId[]>(...authors: Authors): Promise<{ [Index in keyof Authors]: ChainRecord }>;
  update(chain: ChainRecord): Promise<void>;
  /** The edges between the two have ended: both authors count it, and the peer owes a new epoch. Both heads are locked. */
  noteEndedEdges(ender: UserId, peer: UserId): Promise<void>;
  /** The newest place of each of these authors, as far as there is one: one statement. */
  listHeads(authors: UserId[]): Promise<Pick<ChainRecord, "author" | "seq" | "endedEdges">[]>;
  insertEntry(entry: EntryRecord): Promise<void>;
  /** What an entry of this id would be appended to, without a lock: one statement. */
  findAppendBasis(author: UserId, entryId: EntryId): Promise<AppendBasis | undefined>;
  /**
   * Stores an entry that changes nothing of its chain but the head, in a transaction of one statement. False, and nothing
   * stored, when the chain does not stand any more as it was given.
   */
  appendOne(chain: ChainRecord, entry: EntryRecord): Promise<boolean>;
  findBySeq(author: UserId, seq: number): Promise<EntryRecord | undefined>;
  findByEntryId(author: UserId, entryId: EntryId): Promise<EntryRecord | undefined>;
  findByHash(author: UserId, hash: EntryHash): Promise<EntryRecord | undefined>;
  deletePayload(author: UserId, seq: number): Promise<void>;
  /**
   * Entries between two places (both excluded). A page ends at `first` entries or where one more would exceed `maxBytes`
   * of signed bytes, but holds at least one. Cost is bounded by `first`, however many entries of other types lie between.
   */
  listEntries(options: {
    author: UserId; after: number | undefined; before: number | undefined; types: number[] | undefined;
    newestFirst: boolean; first: number; maxBytes: number;
  }): Promise<Page<EntryRecord>>;
  /** Thoughts of all authors that `reader` has an edge to, newest first. Bounded like `listEntries`, and by the number of edges. */
  listFeed(reader: UserId, options: { before: FeedPlace | undefined; first: number; maxBytes: number }): Promise<Page<ThoughtRecord>>;
}

export interface FriendshipRepository {
  find(id: FriendshipId): Promise<FriendshipRecordRow | undefined>;
  findOpen(a: UserId, b: UserId): Promise<FriendshipRecordRow | undefined>;
  /** The newest friendship or request of the user with each of the peers, in the order of `peers`: one statement. */
  findNewest(userId: UserId, peers: UserId[]): Promise<(FriendshipRecordRow | undefined)[]>;
  findMany(ids: FriendshipId[]): Promise<(FriendshipRecordRow | undefined)[]>;
  /** The rows of both users are locked before either of these. */
  insert(row: FriendshipRecordRow): Promise<void>;
  update(row: FriendshipRecordRow): Promise<void>;
  list(userId: UserId, options: {
    states: FriendshipState[]; direction: "RECEIVED" | "SENT" | undefined;
    before: { changedAtMs: number; id: FriendshipId } | undefined; first: number;
    /** Pending requests that ran out by now are left out. */
    nowMs: number;
  }): Promise<Page<FriendshipRecordRow>>;
  insertEdge(edge: EdgeRecord): Promise<void>;
  /** Both directions. */
  deleteEdges(a: UserId, b: UserId): Promise<void>;
  hasEdge(reader: UserId, author: UserId): Promise<boolean>;
  /** Whose chains `reader` may read, with the heads of those chains. */
  listAuthors(reader: UserId): Promise<(EdgeRecord & { headSeq: number; endedEdges: number })[]>;
  /** Who may read the author's chain. */
  listReaders(author: UserId): Promise<EdgeRecord[]>;
  /** Friendships of the user that are accepted or confirmed. */
  countFriends(userId: UserId): Promise<number>;
  /** Notes that `reader` asks `author` for a grant; false if that was noted before. */
  setGrantAsked(reader: UserId, author: UserId, askedMs: number): Promise<boolean>;
  clearGrantAsked(author: UserId, readers: UserId[]): Promise<void>;
  /** Adds one event under the next number of each user and returns them. The users' rows are locked before. */
  insertEvents(kind: FriendshipEventKind, about: { userId: UserId; friendshipId: FriendshipId }[]): Promise<FriendshipEventRecord[]>;
  listEvents(userId: UserId, after: number, first: number): Promise<FriendshipEventRecord[]>;
}

export interface GrantRepository {
  /** Of kind 1 only the newest per author and recipient stays. Returns those that were not stored in the same bytes before. */
  insert(grants: GrantRecord[]): Promise<GrantRecord[]>;
  deleteBetween(a: UserId, b: UserId): Promise<void>;
  list(recipient: UserId, options: {
    author: UserId | undefined; after: { author: UserId; epoch: number; kind: number } | undefined; first: number;
  }): Promise<Page<GrantRecord>>;
  /** Readers of `author` who have no grant of `epoch`, or who asked for a new one. */
  listMissing(author: UserId, epoch: number, first: number): Promise<{ recipient: UserId; asked: boolean }[]>;
}

export interface VaultRepository {
  get(userId: UserId): Promise<VaultRecord>;
  getVersion(userId: UserId): Promise<number>;
  getManifest(userId: UserId): Promise<Uint8Array>;
  insert(userId: UserId, vault: VaultRecord): Promise<void>;
  /** Stores manifest and the given items if the version is still `expectedVersion`; false otherwise. */
  replace(userId: UserId, expectedVersion: number, vault: VaultRecord): Promise<boolean>;
}

export interface Repositories {
  users: UserRepository;
  sessions: SessionRepository;
  chains: ChainRepository;
  friendships: FriendshipRepository;
  grants: GrantRepository;
  vaults: VaultRepository;
}

/** Runs work in one transaction: all of it happens or none. Reads outside a transaction use `repositories`. */
export interface UnitOfWork {
  readonly repositories: Repositories;
  run<T>(work: (repositories: Repositories) => Promise<T>): Promise<T>;
}

// --- the live part -----------------------------------------------------------------------------

/** What happened, after it was committed. */
export type RelayEvent =
  | {
      kind: "entry";
      author: UserId;
      seq: number;
      /** How many edges to the author had ended when it was appended: whoever follows the author since fewer looks again. */
      endedEdges: number;
      /** Undefined when another process appended it: whoever needs it reads the store. */
      entry: EntryRecord | undefined;
    }
  | { kind: "friendship"; userId: UserId; number: number }
  | { kind: "edges"; userId: UserId }
  | { kind: "sessionsEnded"; userId: UserId; sessionIds: Uint8Array[] }
  /** Events of other processes may have been lost: whoever relies on them looks at the store. */
  | { kind: "gap" };

/**
 * Between the relay's processes. Every listener of this process hears an event before `publish` returns; those of others
 * hear it at most once, in the order in which one process published it, or hear of a gap.
 */
export interface Bus {
  publish(event: RelayEvent): void;
  /** Returns the function that ends the subscription. */
  subscribe(listener: (event: RelayEvent) => void): () => void;
}

export interface Position {
  author: UserId;
  seq: number;
}

export type EntryDelivery = { kind: "entry"; entry: EntryRecord } | { kind: "caughtUp"; authors: number };

/** An event with the friendship as it is when the event is delivered. */
export interface FriendshipEventDelivery {
  event: FriendshipEventRecord;
  friendship: FriendshipRecordRow;
}

/** What a stream tells the connection that carries it. */
export interface StreamControl {
  /** The consumer is too slow: the stream ends, and the connection should close so that the client resumes by positions. */
  onOverflow(): void;
}

/**
 * Streams what a viewer may see: what was missed after the given positions, then live, without a hole and in order of
 * seq per author. Authors without a position are live only. A stream begins when it is asked for, not when it is first
 * read; it ends when its session does, when it overflows, or by `return()`.
 */
export interface FeedSource {
  /** New thoughts of the viewer's friends. */
  thoughts(viewer: Viewer, after: Position[], control: StreamControl): AsyncIterableIterator<ThoughtRecord>;
  /** All entries of the viewer and the viewer's friends; `caughtUp` follows the last missed one. A live entry is one object to all streams. */
  entries(viewer: Viewer, after: Position[], control: StreamControl): AsyncIterableIterator<EntryDelivery>;
  /** Never overflows: events are read from the store as the consumer asks. */
  friendshipEvents(viewer: Viewer, after: number): AsyncIterableIterator<FriendshipEventDelivery>;
}
