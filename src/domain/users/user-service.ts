import type { UserId } from "../../protocol/index.ts";
import type { Bus, CardRecord, Clock, KeyedHash, Page, UnitOfWork, UserRecord } from "../ports/index.ts";
import type { Viewer } from "../viewer.ts";
import { createUserGate, type UserGate } from "./user-gate.ts";

export interface UserService extends UserGate {
  findById(viewer: Viewer, id: UserId): Promise<UserRecord | undefined>;
  findByUsername(viewer: Viewer, username: string): Promise<UserRecord | undefined>;
  /** Only those who chose to be found. */
  findByEmail(viewer: Viewer, email: Uint8Array): Promise<UserRecord | undefined>;
  /** In order of user name, without disabled and deleted users. */
  list(viewer: Viewer, options: { prefix: string; afterUsername: string | undefined; first: number }): Promise<Page<UserRecord>>;
  /** Whether the viewer can be found by e-mail address now. @throws DomainError EMAIL_TAKEN */
  setEmail(viewer: Viewer, email: Uint8Array | undefined): Promise<boolean>;
  /** Public facts, for loaders: in the order of `ids`. */
  findMany(ids: UserId[]): Promise<(UserRecord | undefined)[]>;
  /** Public facts, for loaders: the cards in force, in the order of `ids`. */
  findCurrentCards(ids: UserId[]): Promise<(CardRecord | undefined)[]>;
  /** Public facts, for loaders: the first 100 cards of each, oldest first. */
  listCards(ids: UserId[]): Promise<CardRecord[][]>;
}

export interface UserServiceDeps {
  unitOfWork: UnitOfWork;
  keyedHash: KeyedHash;
  bus: Bus;
  clock: Clock;
}

export function createUserService({ keyedHash, ...gate }: UserServiceDeps): UserService {
  const { unitOfWork } = gate;
  const { users } = unitOfWork.repositories;

  return {
    ...createUserGate(gate),
    findById: (_viewer, id) => users.findById(id),
    findByUsername: (_viewer, username) => users.findByUsername(username),
    findByEmail: (_viewer, email) => users.findByEmailHash(keyedHash.emailHash(email)),
    list: (_viewer, { prefix, ...options }) => users.list({ prefix: prefix.toLowerCase(), ...options }),

    async setEmail({ userId }, email) {
      await users.setEmailHash(userId, email === undefined ? undefined : keyedHash.emailHash(email));
      return email !== undefined;
    },

    findMany: (ids) => users.findMany(ids),
    findCurrentCards: (ids) => users.findCurrentCards(ids),
    listCards: (ids) => users.listCards(ids),
  };
}
