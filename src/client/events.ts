import type { EntryHash, UserId } from "../protocol/index.ts";
import type { Proof } from "./proof-book.ts";
import type { Verification } from "./verification.ts";

/** A thought that this client verified and opened. */
export interface ReadThought {
  /** The hash of its entry: its id. */
  id: EntryHash;
  author: UserId;
  /** The author's user name on the relay. */
  username: string;
  /** Whether the author's identity card is known to be theirs; one's own always is. */
  verification: Verification;
  seq: number;
  epoch: number;
  /** The text of the newest edit. */
  text: string;
  /** Whether the text was edited. */
  edited: boolean;
  reply: EntryHash | undefined;
  /** Milliseconds since 1970, as the author claims. */
  writtenAtMs: number;
  /** Milliseconds since 1970, as the relay's signed receipt says. */
  receivedAtMs: number;
}

/** Who an item of the feed is about. */
interface About {
  author: UserId;
  username: string;
  verification: Verification;
}

/** What a feed delivers. */
export type FeedItem =
  | { kind: "thought"; thought: ReadThought }
  /** An earlier thought has a new text. */
  | { kind: "edited"; thought: ReadThought }
  /** The author took a thought back: withdrew it, or gave up the branch of the chain on which it stood. */
  | ({ kind: "withdrawn"; id: EntryHash } & About)
  /** A thought whose key the relay withholds or the author no longer grants. It follows as a thought if the key arrives. */
  | ({ kind: "unreadable"; id: EntryHash; seq: number } & About)
  /** The relay, the author or a friend who told of it is not honest; the text says what that means for reading on. */
  | ({ kind: "alarm" } & Alarm & About)
  /** The author's devices explained a fork: reading goes on. */
  | ({ kind: "healed"; text: string } & About);

/** What is wrong with a chain. The code is a refusal code of bytes, or "withheld" or "contradicted": what a friend has seen of it is not what the relay shows here. */
export interface Alarm {
  code: string;
  text: string;
}

/** What the client tells besides thoughts. */
export type Notice =
  | { kind: "connected" }
  | { kind: "disconnected"; cause: unknown }
  | { kind: "requested"; friendshipId: string; username: string }
  | { kind: "befriended"; username: string; userId: UserId }
  | { kind: "ended"; username: string; userId: UserId }
  /** A friend has a new identity card, signed by the one before. Whoever was verified reads as changed until safety numbers are compared again. */
  | { kind: "cardChanged"; username: string; userId: UserId; wasVerified: boolean }
  /** Two cards continue the same one of a friend's: somebody else holds their old keys. Compare safety numbers in person. */
  | { kind: "suspended"; username: string; userId: UserId }
  /** As in the feed; about the own chain as well. */
  | ({ kind: "alarm"; username: string; userId: UserId } & Alarm)
  /** Proof that somebody or the relay misbehaved, to be handed to others. */
  | { kind: "proof"; proof: Proof }
  /**
   * The relay's key log contradicts what this user, another device or a friend saw before. `proof`, where there is one,
   * convicts the relay before anybody who knows its receipt key (PROTOCOL.md §7).
   */
  | { kind: "keyLogAlarm"; code: string; text: string; proof: Uint8Array | undefined }
  | { kind: "problem"; text: string; cause: unknown };

/** Calls every listener; one that throws harms no other. */
export class Emitter<Event> {
  readonly #listeners = new Set<(event: Event) => void>();

  on(listener: (event: Event) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  emit(event: Event): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
