import { encodeBase64url, parseBase64url, type UserId } from "../../protocol/index.ts";
import { DomainError } from "../domain-error.ts";
import type { Bus, Credentials, KeyedHash, PasswordVerifier, UnitOfWork, UserRecord } from "../ports/index.ts";
import { publishEnded } from "./end-sessions.ts";
import { openSession, type OpenSessionDeps } from "./open-session.ts";
import { issueTokens, type SessionTokens } from "./session-tokens.ts";
import { takeProof } from "./take-proof.ts";

const LOGIN_ID_BYTES = 16;
const LOGIN_MS = 60_000;

export interface StartedLogin {
  loginId: Uint8Array;
  userId: UserId;
  loginResponse: Uint8Array;
}

export interface LoggedIn {
  tokens: SessionTokens;
  user: UserRecord;
  credentials: Credentials;
}

/** OPAQUE, in two steps within a minute. Both are public. PROTOCOL.md §6. */
export interface LoginService {
  /** Unknown names get an answer of the same shape. @throws DomainError BYTES_MALFORMED */
  start(input: { username: string; loginRequest: Uint8Array }): Promise<StartedLogin>;
  /** @throws DomainError LOGIN_EXPIRED, CREDENTIALS_INVALID, USER_DISABLED */
  finish(input: { loginId: Uint8Array; loginFinish: Uint8Array; deviceName: string }): Promise<LoggedIn>;
}

export interface LoginServiceDeps extends OpenSessionDeps {
  unitOfWork: UnitOfWork;
  passwords: PasswordVerifier;
  keyedHash: KeyedHash;
  bus: Bus;
}

export function createLoginService(deps: LoginServiceDeps): LoginService {
  const { unitOfWork, passwords, keyedHash, bus, clock, random, tokens } = deps;
  const { users, sessions } = unitOfWork.repositories;

  return {
    async start({ username, loginRequest }) {
      const found = await users.findByUsername(username);
      // A deleted user gets the answer of an unknown one.
      const user = found?.deletedAtMs === undefined ? found : undefined;
      const credentials = user && (await users.getCredentials(user.id));
      const userId = user?.id ?? keyedHash.unknownUserId(username);
      const record = credentials?.registrationRecord ?? null;
      const { serverState, loginResponse } = passwords.startLogin(userId, record, encodeBase64url(loginRequest));
      const nowMs = clock.nowMs();
      const loginId = random.bytes(LOGIN_ID_BYTES);
      await sessions.deleteExpiredLoginAttempts(nowMs);
      await sessions.insertLoginAttempt({
        id: loginId,
        user: credentials && { id: userId, wrapVersion: credentials.wrapVersion },
        serverState,
        expiresAtMs: nowMs + LOGIN_MS,
      });
      return { loginId, userId, loginResponse: parseBase64url(loginResponse) };
    },

    async finish({ loginId, loginFinish, deviceName }) {
      const proven = await takeProof({ sessions, passwords, clock }, { loginId, loginFinish });
      const { user, session, ended, credentials } = await unitOfWork.run(async (repositories) => {
        const opened = await openSession(repositories, deps, proven.id, deviceName);
        const credentials = await repositories.users.getCredentials(proven.id);
        // A password that was replaced since the first step proves nothing any more.
        if (credentials.wrapVersion !== proven.wrapVersion) throw new DomainError("LOGIN_EXPIRED", "The password was changed in the meantime: log in again.");
        return { ...opened, credentials };
      });
      publishEnded(bus, ended);
      return { tokens: await issueTokens(tokens, session, clock.nowMs()), user, credentials };
    },
  };
}
