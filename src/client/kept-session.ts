import { open, ready, seal } from "../crypto/index.ts";
import { encodeBase64url, encodeUtf8, parseBase64url, type UserId } from "../protocol/index.ts";
import { ClientError } from "./errors.ts";
import type { SessionTokens } from "./ports.ts";

/** What lets a program go on where another one of the same device stopped, without the password. All of it is secret. */
export interface KeptSession {
  /** In base64url. */
  userId: string;
  username: string;
  /** Opens the vault; in base64url. */
  masterKey: string;
  tokens: SessionTokens;
}

/** Where the programs of one device keep their session: sealed, because whoever reads it is signed in as this user. */
export interface SessionStore {
  /**
   * Runs a step on what is kept while no other program does. What the step answers is kept from then on, with undefined
   * nothing; when it throws, all stays as it is.
   */
  update(step: (kept: KeptSession | undefined) => Promise<KeptSession | undefined>): Promise<void>;
}

/** Keeps nothing. */
export const noSessionStore: SessionStore = { update: async (step) => void (await step(undefined)) };

/** The session that is kept. Throws ClientError SIGNED_OUT. */
export async function readKept(store: SessionStore): Promise<{ userId: UserId; username: string; masterKey: Uint8Array; tokens: SessionTokens }> {
  let found: KeptSession | undefined;
  await store.update(async (kept) => (found = kept));
  if (found === undefined) throw new ClientError("SIGNED_OUT", "Nobody is signed in here: log in, or register.");
  const { userId, username, masterKey, tokens } = found;
  return { userId: parseBase64url(userId), username, masterKey: parseBase64url(masterKey), tokens };
}

/** Keeps a session. Its tokens may have been exchanged by another program of this device: then the kept ones are the newer. */
export function keepSession(store: SessionStore, held: { userId: UserId; username: string; masterKey: Uint8Array; tokens: SessionTokens }): Promise<void> {
  return store.update(async (kept) => {
    const masterKey = encodeBase64url(held.masterKey);
    const isSame = kept?.tokens.sessionId === held.tokens.sessionId;
    if (isSame && kept.masterKey === masterKey) return kept;
    return { userId: encodeBase64url(held.userId), username: held.username, masterKey, tokens: isSame ? kept.tokens : held.tokens };
  });
}

/** A session as bytes for a store, sealed with a key of 32 bytes that the device keeps elsewhere. */
export async function sealSession(key: Uint8Array, kept: KeptSession): Promise<Uint8Array> {
  await ready();
  return seal(key, "device", NO_CONTEXT, encodeUtf8(JSON.stringify(kept)));
}

/** @throws ProtocolError bad-seal for another key, and for bytes that were changed */
export async function openSession(key: Uint8Array, sealed: Uint8Array): Promise<KeptSession> {
  await ready();
  return JSON.parse(new TextDecoder().decode(open(key, "device", NO_CONTEXT, sealed))) as KeptSession;
}

const NO_CONTEXT = new Uint8Array();
