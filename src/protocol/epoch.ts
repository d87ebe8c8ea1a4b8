import { ByteReader, concatBytes, sized, u16, u32, u8 } from "./bytes.ts";
import { HASH_BYTES, SEALED_KEY_BYTES } from "./limits.ts";
import { demand } from "./protocol-error.ts";

/** Why an epoch began. ANY covers an ended friendship: friends must not learn who left (PROTOCOL.md §3). */
export const EpochReason = { FIRST: 0, ANY: 1, CARD_CHANGED: 2 } as const;
export type EpochReason = (typeof EpochReason)[keyof typeof EpochReason];

/** What an EPOCH commits its two keys to: K_n and T_n (PROTOCOL.md §3). */
export interface EpochCommitments {
  n: number;
  commitment: Uint8Array;
  thoughtCommitment: Uint8Array;
}

/** The payload of an EPOCH: 75 bytes for n = 0, else 180 with the sealed key of the epoch before (PROTOCOL.md §3). */
export interface EpochPayload extends EpochCommitments {
  vaultMin: number;
  reason: EpochReason;
  /** SEAL of K_{n−1}, 105 bytes; empty for n = 0. */
  back: Uint8Array;
}

export function encodeEpochPayload(epoch: EpochPayload): Uint8Array {
  return concatBytes(
    u32(epoch.n),
    sized(epoch.commitment, HASH_BYTES),
    sized(epoch.thoughtCommitment, HASH_BYTES),
    u32(epoch.vaultMin),
    u8(epoch.reason),
    u16(epoch.back.length),
    sized(epoch.back, epoch.n === 0 ? 0 : SEALED_KEY_BYTES),
  );
}

/** @throws ProtocolError bad-length, bad-value, bad-epoch when reason and n contradict each other */
export function parseEpochPayload(bytes: Uint8Array): EpochPayload {
  const reader = new ByteReader(bytes);
  const epoch = {
    n: reader.u32(),
    commitment: reader.take(HASH_BYTES),
    thoughtCommitment: reader.take(HASH_BYTES),
    vaultMin: reader.u32(),
    reason: parseEpochReason(reader.u8()),
    back: reader.take(reader.u16()),
  };
  reader.end();
  demand(epoch.back.length === (epoch.n === 0 ? 0 : SEALED_KEY_BYTES), "bad-length");
  demand((epoch.n === 0) === (epoch.reason === EpochReason.FIRST), "bad-epoch");
  return epoch;
}

function parseEpochReason(value: number): EpochReason {
  const reason = Object.values(EpochReason).find((known) => known === value);
  demand(reason !== undefined, "bad-value");
  return reason;
}
