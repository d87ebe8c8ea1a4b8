import type { FriendshipId, UserId } from "../../protocol/index.ts";
import type { Page } from "./page.ts";

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
  /** Friendships of the user that are accepted or confirmed, all of them. */
  listGoingOn(userId: UserId): Promise<FriendshipRecordRow[]>;
  /** Ends all pending requests by and to the user, which nobody has to sign. */
  expireRequests(userId: UserId, nowMs: number): Promise<void>;
  insertEdge(edge: EdgeRecord): Promise<void>;
  /** Both directions. */
  deleteEdges(a: UserId, b: UserId): Promise<void>;
  /** As reader and as author. */
  deleteEdgesOf(userId: UserId): Promise<void>;
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
  deleteEvents(userId: UserId): Promise<void>;
}
