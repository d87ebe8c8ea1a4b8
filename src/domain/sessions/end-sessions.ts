import type { UserId } from "../../protocol/index.ts";
import type { RelayEvent, Repositories } from "../ports.ts";
import type { Viewer } from "../viewer.ts";

/** What closes the sockets of sessions that are over. Publish it after the transaction committed. */
export type SessionsEndedEvent = Extract<RelayEvent, { kind: "sessionsEnded" }>;

/** Ends all sessions of a user. */
export async function endAllSessions(repositories: Repositories, userId: UserId): Promise<SessionsEndedEvent> {
  return { kind: "sessionsEnded", userId, sessionIds: await repositories.sessions.deleteAll(userId, undefined) };
}

/** Ends all sessions of the viewer but the one that asks. */
export async function endOtherSessions(repositories: Repositories, { userId, sessionId }: Viewer): Promise<SessionsEndedEvent> {
  return { kind: "sessionsEnded", userId, sessionIds: await repositories.sessions.deleteAll(userId, sessionId) };
}
