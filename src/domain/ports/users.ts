import type { CardHash, UserId } from "../../protocol/index.ts";
import type { Page } from "./page.ts";

export interface UserRecord {
  id: UserId;
  username: string;
  createdAtMs: number;
  disabledAtMs: number | undefined;
  /** From then on only id, name and cards are left, for those who hold them. */
  deletedAtMs: number | undefined;
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

/** So many cards a user can have: an answer about a user holds all of them. */
export const MAX_CARDS = 100;

export interface CardRecord {
  userId: UserId;
  version: number;
  hash: CardHash;
  bytes: Uint8Array;
}

export interface UserRepository {
  findById(id: UserId): Promise<UserRecord | undefined>;
  /** In the order of `ids`, undefined where there is none: one statement. */
  findMany(ids: UserId[]): Promise<(UserRecord | undefined)[]>;
  findByUsername(username: string): Promise<UserRecord | undefined>;
  /** Undefined for a disabled user too. A deleted one has no address. */
  findByEmailHash(emailHash: Uint8Array): Promise<UserRecord | undefined>;
  /** In order of user name, without disabled and deleted users. */
  list(options: { prefix: string; afterUsername: string | undefined; first: number }): Promise<Page<UserRecord>>;
  /** Throws DomainError USERNAME_TAKEN, USER_EXISTS or EMAIL_TAKEN. */
  insert(user: UserRecord & Credentials & { emailHash: Uint8Array | undefined }): Promise<void>;
  getCredentials(id: UserId): Promise<Credentials>;
  /** Replaces them if the stored `wrapVersion` is still the expected one; false otherwise. */
  replaceCredentials(id: UserId, expectedWrapVersion: number, credentials: Credentials): Promise<boolean>;
  /** Of a deleted user it stays away. Throws DomainError EMAIL_TAKEN. */
  setEmailHash(id: UserId, emailHash: Uint8Array | undefined): Promise<void>;
  setDisabled(id: UserId, disabledAtMs: number | undefined): Promise<void>;
  /** Takes the credentials and the address away, so that nothing proves or replaces a password. */
  markDeleted(id: UserId, deletedAtMs: number): Promise<void>;
  /** All of each user, oldest first, in the order of `ids`: one statement. */
  listCards(ids: UserId[]): Promise<CardRecord[][]>;
  /** The cards in force, in the order of `ids`: one statement. */
  findCurrentCards(ids: UserId[]): Promise<(CardRecord | undefined)[]>;
  /** Stores a card and makes it the one in force. */
  insertCard(card: CardRecord): Promise<void>;
  /** Locks the users' rows in ascending order of id, against deadlocks. */
  lock(ids: UserId[]): Promise<void>;
}
