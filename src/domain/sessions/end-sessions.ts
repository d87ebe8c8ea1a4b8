import type { UserId } from "../../protocol/index.ts";
import type { Bus, RelayEvent, Repositories } from "../ports/index.ts";
import type { Viewer } from "../viewer.ts";

/** What closes the sockets of sessions that are over. */
export type SessionsEndedEvent = Extract<RelayEvent, { kind: "sessionsEnded" }>;

/** Ends all sessions of a user. */
export async function endAllSessions(repositories: Repositories, userId: UserId): Promise<SessionsEndedEvent> {
  return { kind: "sessionsEnded", userId, sessionIds: await repositories.sessions.deleteAll(userId, undefined) };
}

/** Ends all sessions of the viewer but the one that asks. */
export async function endOtherSessions(repositories: Repositories, { userId, sessionId }: Viewer): Promise<SessionsEndedEvent> {
  return { kind: "sessionsEnded", userId, sessionIds: await repositories.sessions.deleteAll(userId, sessionId) };
}

/** Tells who carries sockets of these sessions. To be called after the transaction committed. */
export function publishEnded(bus: Bus, ended: SessionsEndedEvent): void {
  if (ended.sessionIds.length > 0) bus.publish(ended);
}
