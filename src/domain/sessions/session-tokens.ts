import type { SessionRecord, TokenIssuer } from "../ports/index.ts";

/** What a device keeps of its session. */
export interface SessionTokens {
  sessionId: Uint8Array;
  accessToken: string;
  accessTokenExpiresAtMs: number;
  refreshToken: string;
}

/** The tokens of a session's present step: the same refresh token however often they are issued. */
export async function issueTokens(tokens: TokenIssuer, session: SessionRecord, nowMs: number): Promise<SessionTokens> {
  const { accessToken, expiresAtMs } = await tokens.issueAccessToken(session.userId, session.id, nowMs);
  return {
    sessionId: session.id,
    accessToken,
    accessTokenExpiresAtMs: expiresAtMs,
    refreshToken: tokens.deriveRefreshToken(session.id, session.refreshCounter),
  };
}

/** The stored hash of one step's refresh token. */
export function refreshHashOf(tokens: TokenIssuer, sessionId: Uint8Array, counter: number): Uint8Array {
  const parsed = tokens.parseRefreshToken(tokens.deriveRefreshToken(sessionId, counter));
  if (!parsed) throw new Error("a refresh token of our own does not parse");
  return parsed.hash;
}
