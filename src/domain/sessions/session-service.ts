import { equalBytes } from "../../protocol/index.ts";
import { DomainError } from "../domain-error.ts";
import type { Bus, Clock, SessionRecord, TokenIssuer, UnitOfWork } from "../ports/index.ts";
import type { Viewer } from "../viewer.ts";
import { createAuthentication } from "./create-authentication.ts";
import { endAllSessions, endOtherSessions, publishEnded } from "./end-sessions.ts";
import { issueTokens, refreshHashOf, type SessionTokens } from "./session-tokens.ts";

export interface SessionService {
  /** Public: who an access token stands for; undefined once it expired or its session ended. */
  authenticate(accessToken: string): Promise<Viewer | undefined>;
  /** Public: exchanges a refresh token. @throws DomainError SESSION_ENDED */
  refresh(refreshToken: string): Promise<SessionTokens>;
  get(viewer: Viewer): Promise<SessionRecord>;
  /** The viewer's open sessions, newest first. */
  list(viewer: Viewer): Promise<SessionRecord[]>;
  /** How many ended: one. @throws DomainError SESSION_NOT_FOUND */
  end(viewer: Viewer, sessionId: Uint8Array): Promise<number>;
  /** How many ended. */
  endAll(viewer: Viewer, options: { includeCurrent: boolean }): Promise<number>;
}

export interface SessionServiceDeps {
  unitOfWork: UnitOfWork;
  tokens: TokenIssuer;
  bus: Bus;
  clock: Clock;
  /** How long the refresh token before the present one still gets the same answer, in case the first one was lost. */
  refreshGraceSeconds: number;
}

export function createSessionService({ unitOfWork, tokens, bus, clock, refreshGraceSeconds }: SessionServiceDeps): SessionService {
  const { sessions } = unitOfWork.repositories;

  return {
    authenticate: createAuthentication({ sessions, tokens, bus, clock }),

    async refresh(refreshToken) {
      const claim = tokens.parseRefreshToken(refreshToken);
      if (!claim) throw sessionEnded();
      const nowMs = clock.nowMs();
      const session = (await advance(claim, nowMs)) ?? (await findAfterLostAnswer(claim, nowMs));
      if (session) return issueTokens(tokens, session, nowMs);
      await endIfReused(claim);
      throw sessionEnded();
    },

    async get({ sessionId }) {
      const session = await sessions.find(sessionId);
      if (!session) throw new DomainError("UNAUTHENTICATED", "This session has ended: log in again.");
      return session;
    },

    list: ({ userId }) => sessions.list(userId),

    async end({ userId }, sessionId) {
      const session = await sessions.find(sessionId);
      const isOwn = session && equalBytes(session.userId, userId);
      if (!isOwn || !(await sessions.delete(sessionId))) {
        throw new DomainError("SESSION_NOT_FOUND", "You have no such session: it may have ended already.");
      }
      publishEnded(bus, { kind: "sessionsEnded", userId, sessionIds: [sessionId] });
      return 1;
    },

    async endAll(viewer, { includeCurrent }) {
      const end = includeCurrent ? endAllSessions(unitOfWork.repositories, viewer.userId) : endOtherSessions(unitOfWork.repositories, viewer);
      const ended = await end;
      publishEnded(bus, ended);
      return ended.sessionIds.length;
    },
  };

  /** The session one step further; undefined when the token is not that of its present step. */
  async function advance({ sessionId, counter, hash }: RefreshClaim, nowMs: number): Promise<SessionRecord | undefined> {
    const session = await sessions.find(sessionId);
    if (!session || session.refreshCounter !== counter || !equalBytes(session.refreshHash, hash)) return undefined;
    const next = { counter: counter + 1, hash: refreshHashOf(tokens, sessionId, counter + 1), refreshedAtMs: nowMs };
    const isWon = await sessions.advance(sessionId, hash, next);
    return isWon ? { ...session, refreshCounter: next.counter, refreshedAtMs: nowMs } : undefined;
  }

  async function findAfterLostAnswer({ sessionId, hash }: RefreshClaim, nowMs: number): Promise<SessionRecord | undefined> {
    const session = await sessions.find(sessionId);
    if (!session?.previousRefreshHash || !equalBytes(session.previousRefreshHash, hash)) return undefined;
    return nowMs - session.refreshedAtMs <= refreshGraceSeconds * 1000 ? session : undefined;
  }

  // Only a token that was once real proves that two hold the session; a made-up one must not end it.
  async function endIfReused({ sessionId, counter, hash }: RefreshClaim): Promise<void> {
    if (!equalBytes(refreshHashOf(tokens, sessionId, counter), hash)) return;
    const session = await sessions.find(sessionId);
    if (!session || session.refreshCounter <= counter || !(await sessions.delete(sessionId))) return;
    publishEnded(bus, { kind: "sessionsEnded", userId: session.userId, sessionIds: [sessionId] });
  }
}

type RefreshClaim = NonNullable<ReturnType<TokenIssuer["parseRefreshToken"]>>;

function sessionEnded(): DomainError {
  return new DomainError("SESSION_ENDED", "The refresh token is not valid any more: log in again.");
}
