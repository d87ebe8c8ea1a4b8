import { encodeBase64url } from "../protocol/index.ts";
import { ClientError, expectResult, isRefusal } from "./errors.ts";
import { RefreshSessionDocument } from "./generated/graphql.ts";
import { noSessionStore, type SessionStore } from "./kept-session.ts";
import type { Now, SessionTokens, Transport } from "./ports.ts";

/** An access token is exchanged when it has less than this left. */
const MARGIN_MS = 30_000;

/** Holds the tokens of the session and exchanges them in time, once for all who wait, in this program and others of the device. */
export class Session {
  readonly #now: Now;
  readonly #store: SessionStore;
  #tokens: SessionTokens | undefined;
  #refreshing: Promise<SessionTokens> | undefined;

  constructor(now: Now, store: SessionStore = noSessionStore) {
    this.#now = now;
    this.#store = store;
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
    const tokens = this.tokens();
    if (this.#isFresh(tokens)) return tokens.accessToken;
    return (await this.refresh(transport)).accessToken;
  }

  /** Exchanges the tokens now, whatever is left of them. */
  refresh(transport: Transport): Promise<SessionTokens> {
    this.#refreshing ??= this.#exchange(transport).finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  /** Throws ClientError SIGNED_OUT. */
  tokens(): SessionTokens {
    if (this.#tokens === undefined) throw new ClientError("SIGNED_OUT", "You are signed out: log in again.");
    return this.#tokens;
  }

  /** Throws ClientError SIGNED_OUT when another program of this device has replaced the keys of this session. */
  async demandSameKeys(masterKey: Uint8Array): Promise<void> {
    await this.#store.update(async (kept) => {
      const isReplaced = kept?.tokens.sessionId === this.id && kept?.masterKey !== encodeBase64url(masterKey);
      if (kept !== undefined && isReplaced) throw new ClientError("SIGNED_OUT", "Another program on this device has replaced your keys: start this one again.");
      return kept;
    });
  }

  async #exchange(transport: Transport): Promise<SessionTokens> {
    const held = this.tokens();
    let newest = held;
    await this.#store.update(async (kept) => {
      // A refresh token is good for once: another program of this device may have used it, and kept the next one.
      if (kept?.tokens.sessionId === held.sessionId) newest = kept.tokens;
      const isNew = newest.refreshToken !== held.refreshToken && this.#isFresh(newest);
      if (!isNew) newest = await this.#refresh(transport, newest.refreshToken);
      return kept && { ...kept, tokens: newest };
    });
    // Signing out while the answer was on its way stays signed out.
    if (this.#tokens !== undefined) this.#tokens = newest;
    return newest;
  }

  async #refresh(transport: Transport, refreshToken: string): Promise<SessionTokens> {
    try {
      const { refreshSession } = await transport.execute(RefreshSessionDocument, { input: { refreshToken } });
      return expectResult(refreshSession, "SessionRefreshed").session;
    } catch (error) {
      if (!isRefusal(error, "SESSION_ENDED", "USER_DISABLED")) throw error;
      this.end();
      throw new ClientError("SIGNED_OUT", `The session is over: log in again. (${error.message})`, { cause: error });
    }
  }

  #isFresh({ accessTokenExpiresAt }: SessionTokens): boolean {
    return accessTokenExpiresAt - this.#now() > MARGIN_MS;
  }
}
