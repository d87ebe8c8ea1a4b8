import type { Announcement } from "./announcer.ts";
import type { Listener, Topics } from "./topics.ts";

/** Who follows authors. */
export interface Follower {
  hearOf(author: Author, announcement: Announcement): void;
}

/** An author whose chain a stream follows: told of an entry, it is at hand without a search among hundreds. */
export class Author implements Listener<Announcement> {
  /** The author's head when the edge began: another value means another friendship. */
  readonly sinceSeq: number;
  /** How many edges to the author had ended when this one was last seen in the store. */
  endedEdges: number;
  /** Everything up to here was delivered or waits in the queue. */
  position: number;
  /** The highest place that is known to exist: above `position` only while the author is behind. */
  known: number;
  /** Whether the queue holds the task to read what lies between the two. */
  isBehind = false;
  isFollowed = true;
  readonly key: string;
  readonly #follower: Follower;

  /** Joins the topic of the author. */
  constructor(follower: Follower, topics: Topics<Announcement>, { key, sinceSeq, endedEdges, position }: Pick<Author, "key" | "sinceSeq" | "endedEdges" | "position">) {
    this.#follower = follower;
    this.key = topics.join(key, this);
    this.sinceSeq = sinceSeq;
    this.endedEdges = endedEdges;
    this.position = position;
    this.known = position;
  }

  hear(announcement: Announcement): void {
    if (this.isFollowed) this.#follower.hearOf(this, announcement);
  }

  leave(topics: Topics<Announcement>): void {
    this.isFollowed = false;
    topics.leave(this.key, this);
  }
}
