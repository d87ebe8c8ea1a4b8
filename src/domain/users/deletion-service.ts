import type { DomainLimits } from "../limits.ts";
import { DomainError } from "../domain-error.ts";
import { steps } from "../friends/friendship-policy.ts";
import { parseOwnRecord } from "../friends/take-step.ts";
import type { Bus, UnitOfWork } from "../ports/index.ts";
import { publishEnded } from "../sessions/end-sessions.ts";
import { spendFalseProof } from "../sessions/spend-false-proof.ts";
import type { Viewer } from "../viewer.ts";
import { type Deletion, type DeletionTools, deleteAccount } from "./delete-account.ts";

export interface DeletionInput {
  /** The proof of the password. */
  loginId: Uint8Array;
  loginFinish: Uint8Array;
  /** An UNFRIEND for each friendship that goes on. */
  records: Uint8Array[];
}

/** The end of an account, by whoever has its password. PROTOCOL.md §6 "Deleting the account". */
export interface DeletionService {
  /**
   * Deletes all that nobody else needs, in one transaction.
   * @throws DomainError SIZE_EXCEEDED, LOGIN_EXPIRED, CREDENTIALS_INVALID, and of the friendships' ends BYTES_MALFORMED,
   * SIGNER_NOT_VIEWER, FRIENDSHIP_NOT_FOUND, FRIENDSHIP_STATE, CARD_STALE, SIGNATURE_INVALID
   */
  delete(viewer: Viewer, input: DeletionInput): Promise<Pick<Deletion, "deletedAtMs" | "friendshipsEnded">>;
}

export interface DeletionServiceDeps extends DeletionTools {
  unitOfWork: UnitOfWork;
  bus: Bus;
  limits: DomainLimits;
}

export function createDeletionService({ unitOfWork, bus, limits, ...tools }: DeletionServiceDeps): DeletionService {
  return {
    async delete(viewer, { records, ...proof }) {
      if (records.length > limits.maxFriends) {
        throw new DomainError("SIZE_EXCEEDED", `A user has at most ${limits.maxFriends} friends: send one record for each friendship that goes on.`);
      }
      const ends = records.map((bytes) => parseOwnRecord(viewer, steps.end, bytes));
      const deleted = unitOfWork.run((repositories) => deleteAccount(repositories, tools, viewer, { ...proof, ends }));
      const { events, ended, ...deletion } = await spendFalseProof(unitOfWork, proof.loginId, deleted);
      // Streams let go of the author before they hear why.
      events.forEach(({ userId }) => bus.publish({ kind: "edges", userId }));
      events.forEach(({ userId, number }) => bus.publish({ kind: "friendship", userId, number }));
      publishEnded(bus, ended);
      return deletion;
    },
  };
}
