import type { CardHash, EntryHash, EntryId, UserId } from "../../protocol/index.ts";
import type { Page } from "./page.ts";

export interface ChainRecord {
  author: UserId;
  seq: number;
  headHash: EntryHash;
  /** When the relay received the head: the next entry is not received before it. */
  headReceivedAtMs: number;
  /** When the relay received the newest thought; undefined before the first. */
  newestThoughtMs: number | undefined;
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

export interface ChainRepository {
  insertChain(chain: ChainRecord): Promise<void>;
  find(author: UserId): Promise<ChainRecord | undefined>;
  /**
   * The heads in the order asked for, locked in ascending order of author, against deadlocks. Every user has one whose
   * account was not deleted. @throws DomainError UNAUTHENTICATED
   */
  lock<Authors extends UserId[]>(...authors: Authors): Promise<{ [Index in keyof Authors]: ChainRecord }>;
  update(chain: ChainRecord): Promise<void>;
  /** The edges between the two have ended: both authors count it, and the peer owes a new epoch. Both heads are locked. */
  noteEndedEdges(ender: UserId, peer: UserId): Promise<void>;
  /** The edges of a user with all of these peers have ended: each of them counts it, and owes a new epoch. Their heads are locked. */
  noteLostFriend(peers: UserId[]): Promise<void>;
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
  /** Head and entries, whole. */
  delete(author: UserId): Promise<void>;
  /**
   * Entries between two places (both excluded). A page ends at `first` entries or where one more would exceed `maxBytes`
   * of signed bytes, but holds at least one. Cost is bounded by `first`, however many entries of other types lie between.
   */
  listEntries(options: {
    author: UserId; after: number | undefined; before: number | undefined; types: number[] | undefined;
    newestFirst: boolean; first: number; maxBytes: number;
  }): Promise<Page<EntryRecord>>;
  /**
   * The newest thoughts of each of these authors below a place, in the order asked for: one statement. A page is empty unless
   * `reader` is the author or has an edge there. Each is bounded like a page of `listEntries`.
   */
  listThoughts(reader: UserId, authors: UserId[], options: { before: number | undefined; first: number; maxBytes: number }): Promise<Page<ThoughtRecord>[]>;
  /** Thoughts of all authors that `reader` has an edge to, newest first. Bounded like `listEntries`, and by the number of edges. */
  listFeed(reader: UserId, options: { before: FeedPlace | undefined; first: number; maxBytes: number }): Promise<Page<ThoughtRecord>>;
}
