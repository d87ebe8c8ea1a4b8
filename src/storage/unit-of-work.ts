import { setTimeout as delay } from "node:timers/promises";
import type { Repositories, UnitOfWork } from "../domain/ports/index.ts";
import type { Database, DatabaseClient } from "./prisma-client.ts";
import { createChainRepository } from "./prisma-chain-repository.ts";
import { createFriendshipRepository } from "./prisma-friendship-repository.ts";
import { createGrantRepository } from "./prisma-grant-repository.ts";
import { createInvitationRepository } from "./prisma-invitation-repository.ts";
import { createKeyLogRepository } from "./prisma-key-log-repository.ts";
import { createSessionRepository } from "./prisma-session-repository.ts";
import { createUserRepository } from "./prisma-user-repository.ts";
import { createVaultRepository } from "./prisma-vault-repository.ts";
import { type RunStatement, statementsWithin } from "./statements.ts";
import { isConflict, toDomainError } from "./storage-error.ts";

const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 10;
const MAX_WAIT_MS = 2_000;
const TIMEOUT_MS = 15_000;

/** Transactions on one database. A deadlock or serialization failure repeats the work; nothing of it was kept. */
export function createUnitOfWork(prisma: DatabaseClient): UnitOfWork {
  const runOnce = <T>(work: (repositories: Repositories) => Promise<T>): Promise<T> =>
    prisma.$transaction((transaction) => work(createRepositories(transaction, statementsWithin(transaction))), {
      isolationLevel: "ReadCommitted",
      maxWait: MAX_WAIT_MS,
      timeout: TIMEOUT_MS,
    });

  return {
    repositories: createRepositories(prisma, prisma.$statement),
    async run(work) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await runOnce(work);
        } catch (error) {
          if (!isConflict(error) || attempt === ATTEMPTS) throw toDomainError(error);
          await delay(FIRST_PAUSE_MS * attempt);
        }
      }
    },
  };
}

function createRepositories(database: Database, run: RunStatement): Repositories {
  return {
    users: createUserRepository(database),
    sessions: createSessionRepository(database, run),
    chains: createChainRepository(database, run),
    friendships: createFriendshipRepository(database),
    grants: createGrantRepository(database),
    invitations: createInvitationRepository(database),
    keyLog: createKeyLogRepository(run),
    vaults: createVaultRepository(database),
  };
}
