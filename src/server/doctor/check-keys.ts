import { createReceiptSigner } from "../keys/receipt-signer.ts";
import { readRelayKeys } from "../keys/open-relay-keys.ts";
import { fingerprintOf, type RelayKeys } from "../keys/relay-keys.ts";
import { ready } from "../../crypto/public.ts";
import type { Examination } from "./examination.ts";
import { fail, failOf, ok, type Finding } from "./finding.ts";

const CHECK = "relay.keys";

/** 32 random bytes hold 30 different ones on average, and fewer than 20 in one of 10^12 files. */
const MIN_DIFFERENT_BYTES = 20;

/** What else needs to know of the keys, and nothing secret. */
export interface KnownKeys {
  fingerprint: string;
  receiptKey: Uint8Array;
}

/** Whether relay.keys is there, closed to others, whole, and made of random bytes. */
export async function checkKeys({ config: { dataFolder } }: Examination): Promise<{ finding: Finding; keys: KnownKeys | undefined }> {
  const unknown = (finding: Finding): { finding: Finding; keys: undefined } => ({ finding, keys: undefined });
  try {
    const keys = await readRelayKeys(dataFolder);
    if (keys === undefined) return unknown(ok(CHECK, "not made yet: the first start makes them"));
    if (isWeak(keys)) {
      const advice = "They were not made by PeerBrain, or on a machine without randomness. With people on this relay, talk to them before you replace anything; an empty one starts anew with an empty data folder.";
      return unknown(fail(CHECK, "KEYS_WEAK", "the keys are not random: whoever guesses them can pass for this relay", advice));
    }
    await ready();
    return { finding: ok(CHECK, "readable by the relay's user alone"), keys: { fingerprint: fingerprintOf(keys), receiptKey: createReceiptSigner(keys.receiptSeed).publicKey } };
  } catch (error) {
    return unknown(failOf(CHECK, error));
  }
}

/** Whether the database was written under these keys. */
export function compareKeys(keys: KnownKeys | undefined, keysFinding: Finding, remembered: string | undefined): Finding {
  if (keysFinding.outcome !== "ok" || remembered === undefined) return keysFinding;
  const advice = "Restore relay.keys from the backup that belongs to this database.";
  if (keys === undefined) return fail(CHECK, "KEYS_LOST", "relay.keys is missing, and the database was written under keys that were in it", advice);
  if (keys.fingerprint === remembered) return ok(CHECK, `${keysFinding.found}, and those that the database was written under`);
  return fail(CHECK, "KEYS_MISMATCH", "relay.keys does not hold the keys that the database was written under", advice);
}

function isWeak({ receiptSeed, hashSecret, refreshSecret, tokenKeys }: RelayKeys): boolean {
  const secrets = [receiptSeed, hashSecret, refreshSecret, ...tokenKeys.map(({ seed }) => seed)];
  const isRepeated = new Set(secrets.map((secret) => Buffer.from(secret).toString("hex"))).size < secrets.length;
  return isRepeated || secrets.some((secret) => new Set(secret).size < MIN_DIFFERENT_BYTES);
}
