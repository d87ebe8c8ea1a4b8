import { equalBytes } from "../../protocol/index.ts";
import type { Bus, Clock, SessionRepository, TokenIssuer } from "../ports/index.ts";
import type { Viewer } from "../viewer.ts";

/** A token that was verified and whose session was found open. */
interface KnownToken {
  viewer: Viewer;
  expiresAtMs: number;
  foundOpenAtMs: number;
  /** How many events about the end of sessions had been heard before its session was looked for. */
  endings: number;
}

export interface AuthenticationDeps {
  sessions: Pick<SessionRepository, "find">;
  tokens: Pick<TokenIssuer, "verifyAccessToken">;
  bus: Pick<Bus, "subscribe">;
  clock: Clock;
}

/** For so long at most an open session is believed to be open still, where the event of its end was lost. */
const BELIEVED_OPEN_MS = 1_000;
const MAX_KNOWN_TOKENS = 10_000;

/**
 * Who an access token stands for; undefined once it expired or its session ended. A signature is verified once for each
 * token. Whether the session is open is looked up again after a second, and at once when any session has ended anywhere.
 */
export function createAuthentication({ sessions, tokens, bus, clock }: AuthenticationDeps): (accessToken: string) => Promise<Viewer | undefined> {
  const known = new Map<string, KnownToken>();
  let endings = 0;
  bus.subscribe(({ kind }) => {
    if (kind === "sessionsEnded" || kind === "gap") endings += 1;
  });

  return async (accessToken) => {
    const nowMs = clock.nowMs();
    const token = known.get(accessToken);
    if (token && token.expiresAtMs > nowMs && isBelievedOpen(token, nowMs)) return token.viewer;
    known.delete(accessToken);

    const found = await find(accessToken, token, nowMs);
    if (found) remember(accessToken, found);
    return found?.viewer;
  };

  function isBelievedOpen(token: KnownToken, nowMs: number): boolean {
    const ageMs = nowMs - token.foundOpenAtMs;
    return token.endings === endings && ageMs >= 0 && ageMs < BELIEVED_OPEN_MS;
  }

  async function find(accessToken: string, token: KnownToken | undefined, nowMs: number): Promise<KnownToken | undefined> {
    const claim = token && token.expiresAtMs > nowMs ? { ...token.viewer, expiresAtMs: token.expiresAtMs } : await tokens.verifyAccessToken(accessToken, nowMs);
    if (!claim) return undefined;
    const { expiresAtMs, ...viewer } = claim;
    // An end that is heard of while the session is read may be later than what was read.
    const found = { viewer, expiresAtMs, foundOpenAtMs: nowMs, endings };
    const session = await sessions.find(viewer.sessionId);
    return session && equalBytes(session.userId, viewer.userId) ? found : undefined;
  }

  function remember(accessToken: string, token: KnownToken): void {
    known.set(accessToken, token);
    if (known.size <= MAX_KNOWN_TOKENS) return;
    const [oldest] = known.keys();
    if (oldest !== undefined) known.delete(oldest);
  }
}
