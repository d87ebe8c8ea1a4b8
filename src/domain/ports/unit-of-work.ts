import type { ChainRepository } from "./chains.ts";
import type { FriendshipRepository } from "./friendships.ts";
import type { GrantRepository } from "./grants.ts";
import type { InvitationRepository } from "./invitations.ts";
import type { KeyLogRepository } from "./key-log.ts";
import type { SessionRepository } from "./sessions.ts";
import type { UserRepository } from "./users.ts";
import type { VaultRepository } from "./vaults.ts";

export interface Repositories {
  users: UserRepository;
  sessions: SessionRepository;
  chains: ChainRepository;
  friendships: FriendshipRepository;
  grants: GrantRepository;
  invitations: InvitationRepository;
  keyLog: KeyLogRepository;
  vaults: VaultRepository;
}

/** Runs work in one transaction: all of it happens or none. Reads outside a transaction use `repositories`. */
export interface UnitOfWork {
  readonly repositories: Repositories;
  run<T>(work: (repositories: Repositories) => Promise<T>): Promise<T>;
}
