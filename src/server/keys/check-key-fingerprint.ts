import type { RelayMetaRepository } from "../../domain/relay-meta.ts";
import { StartRefused } from "../../domain/start-refused.ts";

/** Of RelayMeta. */
export const KEY_FINGERPRINT = "keyFingerprint";

const WHAT_IS_LOST =
  "Without the keys it was written under no password opens a session, receipts that clients hold cannot be continued, and nobody is found by e-mail address";

/** Under which keys the database was written; undefined for a new one. */
export function findKeyFingerprint(meta: Pick<RelayMetaRepository, "find">): Promise<string | undefined> {
  return meta.find(KEY_FINGERPRINT);
}

/** Remembers the first keys that a database meets. Throws StartRefused KEYS_MISMATCH for any others, with nothing changed. */
export async function checkKeyFingerprint(meta: RelayMetaRepository, fingerprint: string): Promise<void> {
  if ((await meta.remember(KEY_FINGERPRINT, fingerprint)) === fingerprint) return;
  throw new StartRefused("KEYS_MISMATCH", `relay.keys does not hold the keys that the database was written under. ${WHAT_IS_LOST}. Restore relay.keys from the backup that belongs to this database, or use another database.`);
}

/** The refusal of a database whose keys are gone. */
export function keysLost(path: string): StartRefused {
  return new StartRefused("KEYS_LOST", `${path} is missing, and the database was written under keys that were in it. ${WHAT_IS_LOST}. Restore relay.keys from the backup that belongs to this database.`);
}
