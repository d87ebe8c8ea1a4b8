import type { UserId } from "../../protocol/index.ts";
import type { Viewer } from "../viewer.ts";
import type { EntryRecord, ThoughtRecord } from "./chains.ts";
import type { FriendshipEventRecord, FriendshipRecordRow } from "./friendships.ts";

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
