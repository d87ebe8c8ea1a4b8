import { SESSION_ID_BYTES, type UserId } from "../../protocol/index.ts";
import { DomainError } from "../domain-error.ts";
import type { Clock, Random, Repositories, SessionRecord, TokenIssuer, UserRecord } from "../ports/index.ts";
import type { SessionsEndedEvent } from "./end-sessions.ts";
import { refreshHashOf } from "./session-tokens.ts";

const MAX_SESSIONS = 64;

export interface OpenSessionDeps {
  tokens: TokenIssuer;
  clock: Clock;
  random: Random;
}

export interface OpenedSession {
  user: UserRecord;
  session: SessionRecord;
  /** Of the sessions that gave way. */
  ended: SessionsEndedEvent;
}

/**
 * Opens a session of a user who proved who they are. Of more than 64 sessions the oldest give way.
 * @throws DomainError USER_DISABLED
 */
export async function openSession(
  repositories: Repositories,
  { tokens, clock, random }: OpenSessionDeps,
  userId: UserId,
  deviceName: string,
): Promise<OpenedSession> {
  await repositories.users.lock([userId]);
  const user = await repositories.users.findById(userId);
  if (!user) throw new Error("a session for a user who is not stored");
  if (user.disabledAtMs !== undefined) {
    throw new DomainError("USER_DISABLED", "This user was disabled on this relay. Ask whoever runs it.");
  }
  const surplus = (await repositories.sessions.list(userId)).slice(MAX_SESSIONS - 1);
  for (const { id } of surplus) await repositories.sessions.delete(id);

  const id = random.bytes(SESSION_ID_BYTES);
  const nowMs = clock.nowMs();
  const session: SessionRecord = {
    id,
    userId,
    deviceName,
    createdAtMs: nowMs,
    refreshedAtMs: nowMs,
    refreshCounter: 0,
    refreshHash: refreshHashOf(tokens, id, 0),
    previousRefreshHash: undefined,
  };
  await repositories.sessions.insert(session);
  return { user, session, ended: { kind: "sessionsEnded", userId, sessionIds: surplus.map(({ id }) => id) } };
}
