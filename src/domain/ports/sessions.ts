import type { UserId } from "../../protocol/index.ts";

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
  deleteLoginAttemptsOf(userId: UserId): Promise<void>;
}
