import { type Bytes, concat, demand, equal, Fields, refuseAs, u32 } from "./bytes.ts";
import { deriveKey, open } from "./primitives.ts";

/** What an epoch's key is checked against. */
export interface Commitments {
  n: number;
  commitment: Bytes;
  thoughtCommitment: Bytes;
}

/** The payload of an EPOCH (PROTOCOL.md §3). */
export interface Epoch extends Commitments {
  vaultMin: number;
  reason: number;
  back: Bytes;
}

const FIRST = 75;
const LATER = 180;

export function parseEpoch(payload: Bytes): Epoch {
  demand(payload.length === FIRST || payload.length === LATER, "bad-length");
  const fields = new Fields(payload);
  const [n, commitment, thoughtCommitment, vaultMin, reason] = [fields.number(4), fields.bytes(32), fields.bytes(32), fields.number(4), fields.number(1)];
  demand(reason <= 2, "bad-value");
  const size = fields.number(2);
  const back = fields.rest();
  demand(size === (n === 0 ? 0 : LATER - FIRST) && back.length === size, "bad-length");
  demand((n === 0) === (reason === 0), "bad-epoch");
  return { n, commitment, thoughtCommitment, vaultMin, reason, back };
}

export interface EpochKeys {
  thoughtKey: Bytes;
  commitment: Bytes;
  thoughtCommitment: Bytes;
}

export const thoughtCommitmentOf = (thoughtKey: Bytes, author: Bytes, n: number): Bytes => deriveKey(thoughtKey, "thought-com", author, u32(n));

export function epochKeys(key: Bytes, author: Bytes, n: number): EpochKeys {
  const thoughtKey = deriveKey(key, "thought-key", author, u32(n));
  const commitment = deriveKey(key, "epoch-com", author, u32(n));
  return { thoughtKey, commitment, thoughtCommitment: thoughtCommitmentOf(thoughtKey, author, n) };
}

/** K is the key that the epoch commits to, and so is the T that it gives. */
export function demandCommitted(key: Bytes, author: Bytes, epoch: Commitments): void {
  const keys = epochKeys(key, author, epoch.n);
  demand(equal(keys.commitment, epoch.commitment) && equal(keys.thoughtCommitment, epoch.thoughtCommitment), "bad-commit");
}

/** From the newest epoch of `payloads` back to the oldest: the key of each. */
export function walkBack(author: Bytes, newestKey: Bytes, payloads: Bytes[]): Bytes[] {
  const keys = [newestKey];
  payloads.map(parseEpoch).reduce((newer, older) => {
    const key = stepBack(author, keys.at(-1) as Bytes, newer, older);
    keys.push(key);
    return older;
  });
  return keys;
}

function stepBack(author: Bytes, key: Bytes, newer: Epoch, older: Epoch): Bytes {
  demand(older.n === newer.n - 1, "bad-epoch");
  demandCommitted(key, author, newer);
  const linkKey = deriveKey(key, "epoch-back-key", author, u32(newer.n));
  const olderKey = refuseAs("bad-back-link", () => open(linkKey, "epoch-back", concat(author, u32(newer.n), newer.commitment), newer.back));
  demandCommitted(olderKey, author, older);
  return olderKey;
}
