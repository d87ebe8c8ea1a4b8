import { DomainError } from "../domain-error.ts";
import type { UnitOfWork } from "../ports/index.ts";

/**
 * What is refused for another reason leaves the proof of a password to the corrected attempt, for as long as a login lasts; one
 * that proves nothing is spent, although its transaction was undone.
 */
export async function spendFalseProof<T>({ repositories }: UnitOfWork, loginId: Uint8Array, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const isFalse = error instanceof DomainError && error.code === "CREDENTIALS_INVALID";
    if (isFalse) await repositories.sessions.takeLoginAttempt(loginId);
    throw error;
  }
}
