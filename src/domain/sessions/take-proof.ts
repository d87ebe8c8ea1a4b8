import { encodeBase64url, equalBytes, type UserId } from "../../protocol/index.ts";
import { DomainError } from "../domain-error.ts";
import type { Clock, PasswordVerifier, SessionRepository } from "../ports/index.ts";

/**
 * Takes a started login out and checks its proof of the password; each login proves once. PROTOCOL.md §6.
 * Answers with the user and the version of the wraps that the proven password opens.
 * @throws DomainError LOGIN_EXPIRED, CREDENTIALS_INVALID (the same for unknown users, and for another than `expectedUser`)
 */
export async function takeProof(
  { sessions, passwords, clock }: { sessions: SessionRepository; passwords: PasswordVerifier; clock: Clock },
  { loginId, loginFinish }: { loginId: Uint8Array; loginFinish: Uint8Array },
  expectedUser?: UserId,
): Promise<{ id: UserId; wrapVersion: number }> {
  const attempt = await sessions.takeLoginAttempt(loginId);
  if (!attempt || attempt.expiresAtMs <= clock.nowMs()) {
    throw new DomainError("LOGIN_EXPIRED", "This login took longer than a minute or was used before: start again.");
  }
  const { user } = attempt;
  const isProven = passwords.finishLogin(attempt.serverState, encodeBase64url(loginFinish));
  if (!isProven || !user || (expectedUser && !equalBytes(user.id, expectedUser))) {
    throw new DomainError("CREDENTIALS_INVALID", "User name or password is wrong: check both and try again.");
  }
  return user;
}
