import type { EntryHash, UserId } from "../../protocol/index.ts";

/** Signs receipts. PROTOCOL.md §3. */
export interface ReceiptSigner {
  readonly publicKey: Uint8Array;
  sign(receipt: { entryHash: EntryHash; author: UserId; seq: number; relayMs: number }): Uint8Array;
}

/** Signs checkpoints of the key log, with the key that signs receipts. PROTOCOL.md §7. */
export interface CheckpointSigner {
  sign(checkpoint: { size: number; root: Uint8Array; relayMs: number }): Uint8Array;
}

/** The relay's half of OPAQUE. Strings are the base64url forms of the OPAQUE library. PROTOCOL.md §6. */
export interface PasswordVerifier {
  readonly publicKey: Uint8Array;
  createRegistrationResponse(userId: UserId, registrationRequest: string): string;
  /** An unknown name passes `record: null` and gets an answer of the same shape. Throws DomainError BYTES_MALFORMED. */
  startLogin(userId: UserId, record: string | null, loginRequest: string): { serverState: string; loginResponse: string };
  /** Whether the client proved the password. */
  finishLogin(serverState: string, loginFinish: string): boolean;
}

export interface TokenIssuer {
  readonly accessTokenSeconds: number;
  issueAccessToken(userId: UserId, sessionId: Uint8Array, nowMs: number): Promise<{ accessToken: string; expiresAtMs: number }>;
  /** Undefined when the token is not valid for any reason. */
  verifyAccessToken(accessToken: string, nowMs: number): Promise<{ userId: UserId; sessionId: Uint8Array; expiresAtMs: number } | undefined>;
  /** The refresh token of one step of a session: always the same for the same step, so that a lost answer can be given again. */
  deriveRefreshToken(sessionId: Uint8Array, counter: number): string;
  /** The session and step a refresh token claims to be, and its hash; undefined when malformed. */
  parseRefreshToken(refreshToken: string): { sessionId: Uint8Array; counter: number; hash: Uint8Array } | undefined;
}

/** Hashes with a key that lies outside the database. */
export interface KeyedHash {
  /** Of the hash that a client made of an address. */
  emailHash(email: Uint8Array): Uint8Array;
  /** The user id that an unknown name is given at login: the same each time. */
  unknownUserId(username: string): UserId;
}
