import { ClientError, expectResult, isRefusal } from "./errors.ts";
import { RefreshSessionDocument } from "./generated/graphql.ts";
import type { Now, SessionTokens, Transport } from "./ports.ts";

/** An access token is exchanged when it has less than this left. */
const MARGIN_MS = 30_000;

/** Holds the tokens of the session in memory and exchanges them in time, once for all who wait. */
export class Session {
  readonly #now: Now;
  #tokens: SessionTokens | undefined;
  #refreshing: Promise<SessionTokens> | undefined;

  constructor(now: Now) {
    this.#now = now;
  }

  get id(): string | undefined {
    return this.#tokens?.sessionId;
  }

  get isOpen(): boolean {
    return this.#tokens !== undefined;
  }

  open(tokens: SessionTokens): void {
    this.#tokens = tokens;
  }

  end(): void {
    this.#tokens = undefined;
  }

  /** A valid access token. Throws ClientError SIGNED_OUT when the session is over. */
  async accessToken(transport: Transport): Promise<string> {
    const tokens = this.#current();
    if (tokens.accessTokenExpiresAt - this.#now() > MARGIN_MS) return tokens.accessToken;
    return (await this.refresh(transport)).accessToken;
  }

  /** Exchanges the tokens now, whatever is left of them. */
  refresh(transport: Transport): Promise<SessionTokens> {
    this.#refreshing ??= this.#exchange(transport).finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #exchange(transport: Transport): Promise<SessionTokens> {
    const { refreshToken } = this.#current();
    try {
      const { refreshSession } = await transport.execute(RefreshSessionDocument, { input: { refreshToken } });
      const { session } = expectResult(refreshSession, "SessionRefreshed");
      // Signing out while the answer was on its way stays signed out.
      if (this.#tokens !== undefined) this.#tokens = session;
      return session;
    } catch (error) {
      if (!isRefusal(error, "SESSION_ENDED", "USER_DISABLED")) throw error;
      this.end();
      throw new ClientError("SIGNED_OUT", `The session is over: log in again. (${error.message})`, { cause: error });
    }
  }

  #current(): SessionTokens {
    if (this.#tokens === undefined) throw new ClientError("SIGNED_OUT", "You are signed out: log in again.");
    return this.#tokens;
  }
}
