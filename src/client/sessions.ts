import { expectResult } from "./errors.ts";
import { EndAllSessionsDocument, EndSessionDocument, SessionsDocument, type SessionsQuery } from "./generated/graphql.ts";
import type { Transport } from "./ports.ts";

/** A device that is signed in; times are ms since 1970. */
export type OpenSession = SessionsQuery["viewer"]["sessions"][number];

/** The devices that are signed in. */
export class Sessions {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  async list(): Promise<readonly OpenSession[]> {
    return (await this.#transport.execute(SessionsDocument, {})).viewer.sessions;
  }

  /** Ends one session. Throws RelayRefusal SESSION_NOT_FOUND. */
  async end(sessionId: string): Promise<void> {
    const { endSession } = await this.#transport.execute(EndSessionDocument, { input: { sessionId } });
    expectResult(endSession, "SessionsEnded");
  }

  /** Ends all other sessions; answers how many there were. */
  async endOthers(): Promise<number> {
    const { endAllSessions } = await this.#transport.execute(EndAllSessionsDocument, { input: { includeCurrent: false } });
    return expectResult(endAllSessions, "SessionsEnded").count;
  }
}
