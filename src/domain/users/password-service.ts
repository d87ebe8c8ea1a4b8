import { recoveryVerifierOf } from "../../crypto/public.ts";
import { encodeBase64url, HASH_BYTES, parseBase64url } from "../../protocol/index.ts";
import { DomainError } from "../domain-error.ts";
import type { Bus, Credentials, PasswordVerifier, UnitOfWork, UserRecord } from "../ports/index.ts";
import { endOtherSessions, publishEnded } from "../sessions/end-sessions.ts";
import { openSession, type OpenSessionDeps } from "../sessions/open-session.ts";
import { issueTokens, type SessionTokens } from "../sessions/session-tokens.ts";
import { takeProof } from "../sessions/take-proof.ts";
import type { Viewer } from "../viewer.ts";
import { demandCredentials, equalCredentials, replaceCredentials, wrapStale, type CredentialsInput, type FirstCredentialsInput } from "./credentials.ts";
import { equalSecretHashes } from "./equal-secret-hashes.ts";

export interface PasswordChanged {
  wrapVersion: number;
  sessionsEnded: number;
}

export interface StartedRecovery {
  tokens: SessionTokens;
  user: UserRecord;
  credentials: Credentials;
}

/** New passwords: with the present one, or with the recovery code. PROTOCOL.md §6. */
export interface PasswordService {
  /** The version of the viewer's wraps. */
  getWrapVersion(viewer: Viewer): Promise<number>;
  /** The OPAQUE registration response for a new password. @throws DomainError BYTES_MALFORMED */
  startChange(viewer: Viewer, registrationRequest: Uint8Array): Uint8Array;
  /** @throws DomainError BYTES_MALFORMED, LOGIN_EXPIRED, CREDENTIALS_INVALID, WRAP_STALE */
  change(viewer: Viewer, input: CredentialsInput & { loginId: Uint8Array; loginFinish: Uint8Array; wrapVersion: number }): Promise<PasswordChanged>;
  /** Public: opens a session by the recovery code. @throws DomainError BYTES_MALFORMED, CREDENTIALS_INVALID, USER_DISABLED */
  startRecovery(input: { username: string; recoveryProof: Uint8Array; deviceName: string }): Promise<StartedRecovery>;
  /** @throws DomainError BYTES_MALFORMED, CREDENTIALS_INVALID, WRAP_STALE */
  finishRecovery(
    viewer: Viewer,
    input: FirstCredentialsInput & { recoveryProof: Uint8Array; wrapVersion: number },
  ): Promise<PasswordChanged>;
}

export interface PasswordServiceDeps extends OpenSessionDeps {
  unitOfWork: UnitOfWork;
  passwords: PasswordVerifier;
  bus: Bus;
}

export function createPasswordService(deps: PasswordServiceDeps): PasswordService {
  const { unitOfWork, passwords, bus, clock, tokens } = deps;
  const { users, sessions } = unitOfWork.repositories;

  return {
    getWrapVersion: async ({ userId }) => (await users.getCredentials(userId)).wrapVersion,

    startChange: ({ userId }, registrationRequest) =>
      parseBase64url(passwords.createRegistrationResponse(userId, encodeBase64url(registrationRequest))),

    async change(viewer, input) {
      demandCredentials(input);
      if (await isApplied(viewer, input)) return { wrapVersion: input.wrapVersion, sessionsEnded: 0 };
      const proven = await takeProof({ sessions, passwords, clock }, input, viewer.userId);
      if (proven.wrapVersion !== input.wrapVersion - 1) throw wrapStale();
      return replace(viewer, input);
    },

    async startRecovery({ username, recoveryProof, deviceName }) {
      demandProof(recoveryProof);
      const user = await users.findByUsername(username);
      const verifier = recoveryVerifierOf(recoveryProof);
      const isProven = (credentials: Credentials | undefined) => equalSecretHashes(verifier, credentials?.recoveryVerifier ?? new Uint8Array(HASH_BYTES));
      if (!isProven(user && (await users.getCredentials(user.id))) || !user) throw codeInvalid();
      const { session, ended, credentials } = await unitOfWork.run(async (repositories) => {
        const opened = await openSession(repositories, deps, user.id, deviceName);
        const present = await repositories.users.getCredentials(user.id);
        // Another device may have replaced the code a moment ago.
        if (!isProven(present)) throw codeInvalid();
        return { ...opened, credentials: present };
      });
      publishEnded(bus, ended);
      return { tokens: await issueTokens(tokens, session, clock.nowMs()), user, credentials };
    },

    async finishRecovery(viewer, input) {
      demandProof(input.recoveryProof);
      demandCredentials(input);
      if (await isApplied(viewer, input)) return { wrapVersion: input.wrapVersion, sessionsEnded: 0 };
      const { recoveryVerifier } = await users.getCredentials(viewer.userId);
      if (!equalSecretHashes(recoveryVerifierOf(input.recoveryProof), recoveryVerifier)) throw codeInvalid();
      return replace(viewer, input);
    },
  };

  /** Whether this very change was made before, so that its lost answer can be given again. */
  async function isApplied({ userId }: Viewer, input: CredentialsInput & { wrapVersion: number }): Promise<boolean> {
    const present = await users.getCredentials(userId);
    return equalCredentials(present, replaceCredentials(present, input, input.wrapVersion));
  }

  async function replace(viewer: Viewer, input: CredentialsInput & { wrapVersion: number }): Promise<PasswordChanged> {
    const ended = await unitOfWork.run(async (repositories) => {
      await repositories.users.lock([viewer.userId]);
      const present = await repositories.users.getCredentials(viewer.userId);
      if (present.wrapVersion !== input.wrapVersion - 1) throw wrapStale();
      const next = replaceCredentials(present, input, input.wrapVersion);
      if (!(await repositories.users.replaceCredentials(viewer.userId, present.wrapVersion, next))) throw wrapStale();
      return endOtherSessions(repositories, viewer);
    });
    publishEnded(bus, ended);
    return { wrapVersion: input.wrapVersion, sessionsEnded: ended.sessionIds.length };
  }
}

function demandProof(recoveryProof: Uint8Array): void {
  if (recoveryProof.length !== HASH_BYTES) {
    throw new DomainError("BYTES_MALFORMED", `The proof of a recovery code has ${HASH_BYTES} bytes: derive it from the code again.`);
  }
}

function codeInvalid(): DomainError {
  return new DomainError("CREDENTIALS_INVALID", "User name or recovery code is wrong: check both and try again.");
}
