import type { TypedDocumentString } from "./generated/graphql.ts";

/** How the client talks to its relay. */
export interface Transport {
  /** Where the relay is, in the one spelling: "https://relay.example". */
  readonly origin: string;
  /**
   * Runs a query or mutation. Repeats it after a lost answer unless `once` is set: everything the SDK repeats is
   * idempotent. Throws ClientError RELAY_UNREACHABLE, RELAY_FAILED, RATE_LIMITED or SIGNED_OUT, and RelayRefusal.
   */
  execute<Result, Variables>(
    document: TypedDocumentString<Result, Variables>,
    variables: Variables,
    options?: { once?: boolean },
  ): Promise<Result>;
  /** Runs a subscription on one socket. Ends when the socket does; the caller resumes by positions. */
  subscribe<Result, Variables extends object>(
    document: TypedDocumentString<Result, Variables>,
    variables: Variables,
    signal: AbortSignal,
  ): AsyncIterable<Result>;
  close(): void;
}

/** Tokens of one session, as the relay hands them out. */
export interface SessionTokens {
  sessionId: string;
  accessToken: string;
  /** Milliseconds since 1970. */
  accessTokenExpiresAt: number;
  refreshToken: string;
}

/** Milliseconds since 1970. */
export type Now = () => number;

/**
 * What a device keeps across restarts besides the vault: the place of an entry that it signed and is about to send. It
 * holds no key and no content. A device without one (the default keeps it in memory) cannot heal after a crash in mid-send.
 */
export interface DeviceStore {
  read(): Promise<InFlight | undefined>;
  write(inFlight: InFlight | undefined): Promise<void>;
}

/** Hashes of entries that were signed and not acknowledged, in base64url. */
export interface InFlight {
  userId: string;
  /** The place of the first one. */
  seq: number;
  entryHashes: string[];
}
