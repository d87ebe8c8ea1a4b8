import {
  concatBytes,
  demand,
  KEY_BYTES,
  refuseAs,
  sized,
  u32,
  type EpochCommitments,
  type EpochPayload,
  type EpochReason,
  type UserId,
} from "../../protocol/index.ts";
import { deriveKey } from "../kdf.ts";
import { sodium } from "../sodium.ts";
import { open, seal } from "./seal.ts";

/** T_n: opens the thoughts of one epoch and nothing else (PROTOCOL.md §3). */
export function deriveThoughtKey(epochKey: Uint8Array, author: UserId, n: number): Uint8Array {
  return deriveKey(sized(epochKey, KEY_BYTES), "thought-key", author, u32(n));
}

/** com_n, which binds everyone's K_n to the chain (PROTOCOL.md §3). */
export function epochCommitment(epochKey: Uint8Array, author: UserId, n: number): Uint8Array {
  return deriveKey(sized(epochKey, KEY_BYTES), "epoch-com", author, u32(n));
}

/** tcom_n, the same for T_n (PROTOCOL.md §3). */
export function thoughtCommitment(thoughtKey: Uint8Array, author: UserId, n: number): Uint8Array {
  return deriveKey(sized(thoughtKey, KEY_BYTES), "thought-com", author, u32(n));
}

/** Whether T_n is the key that EPOCH n commits to. */
export function isThoughtKey(thoughtKey: Uint8Array, author: UserId, epoch: EpochCommitments): boolean {
  return sodium.memcmp(thoughtCommitment(thoughtKey, author, epoch.n), epoch.thoughtCommitment);
}

/** Whether K_n, and the T_n that comes from it, are the keys that EPOCH n commits to. */
export function isEpochKey(epochKey: Uint8Array, author: UserId, epoch: EpochCommitments): boolean {
  const isCommitted = sodium.memcmp(epochCommitment(epochKey, author, epoch.n), epoch.commitment);
  // Checked too: else holders of K_n and holders of T_n alone could be given different thoughts.
  return isThoughtKey(deriveThoughtKey(epochKey, author, epoch.n), author, epoch) && isCommitted;
}

/** The payload of EPOCH n; from n = 1 on it carries the key before it (PROTOCOL.md §3). @throws RangeError if that key is missing */
export function createEpochPayload(epoch: {
  author: UserId;
  n: number;
  key: Uint8Array;
  previousKey?: Uint8Array;
  vaultMin: number;
  reason: EpochReason;
}): EpochPayload {
  const { author, n, key, previousKey, vaultMin, reason } = epoch;
  if ((n === 0) !== (previousKey === undefined)) throw new RangeError("every epoch but the first needs the key before it");
  const commitment = epochCommitment(key, author, n);
  return {
    n,
    commitment,
    thoughtCommitment: thoughtCommitment(deriveThoughtKey(key, author, n), author, n),
    vaultMin,
    reason,
    back: previousKey
      ? seal(backKey(key, author, n), "epoch-back", backAd(author, n, commitment), sized(previousKey, KEY_BYTES))
      : new Uint8Array(),
  };
}

/**
 * K_{n−1} from K_n: one step back through history (PROTOCOL.md §3). Both keys are checked against their epochs.
 * @throws ProtocolError bad-epoch unless the payloads are neighbours, bad-commit, bad-back-link
 */
export function openBackLink(step: {
  author: UserId;
  key: Uint8Array;
  payload: EpochPayload;
  previousPayload: EpochCommitments;
}): Uint8Array {
  const { author, key, payload, previousPayload } = step;
  const { n } = payload;
  demand(previousPayload.n === n - 1, "bad-epoch");
  demand(isEpochKey(key, author, payload), "bad-commit");
  const ad = backAd(author, n, payload.commitment);
  const previousKey = refuseAs("bad-back-link", () => open(backKey(key, author, n), "epoch-back", ad, payload.back));
  demand(isEpochKey(previousKey, author, previousPayload), "bad-commit");
  return previousKey;
}

function backKey(epochKey: Uint8Array, author: UserId, n: number): Uint8Array {
  return deriveKey(epochKey, "epoch-back-key", author, u32(n));
}

function backAd(author: UserId, n: number, commitment: Uint8Array): Uint8Array {
  return concatBytes(author, u32(n), commitment);
}
