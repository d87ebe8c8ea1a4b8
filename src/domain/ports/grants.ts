import type { UserId } from "../../protocol/index.ts";
import type { Page } from "./page.ts";

export interface GrantRecord {
  author: UserId;
  recipient: UserId;
  kind: 1 | 2;
  epoch: number;
  bytes: Uint8Array;
}

export interface GrantRepository {
  /** Of kind 1 only the newest per author and recipient stays. Returns those that were not stored in the same bytes before. */
  insert(grants: GrantRecord[]): Promise<GrantRecord[]>;
  deleteBetween(a: UserId, b: UserId): Promise<void>;
  /** Those by the user and those to the user. */
  deleteOf(userId: UserId): Promise<void>;
  list(recipient: UserId, options: {
    author: UserId | undefined; after: { author: UserId; epoch: number; kind: number } | undefined; first: number;
  }): Promise<Page<GrantRecord>>;
  /** Readers of `author` who have no grant of `epoch`, or who asked for a new one. */
  listMissing(author: UserId, epoch: number, first: number): Promise<{ recipient: UserId; asked: boolean }[]>;
}
