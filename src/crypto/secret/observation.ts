import {
  concatBytes,
  demand,
  encodeObservedHead,
  equalBytes,
  OBSERVATION_BYTES,
  OBSERVATION_TAG_BYTES,
  OBSERVED_HASH_BYTES,
  parseObservedHead,
  type EntryHash,
  type EntryId,
  type ObservedHead,
  type UserId,
} from "../../protocol/index.ts";
import { deriveKey } from "../kdf.ts";
import { open, seal } from "./seal.ts";

/** Where an observation stands: by whom, and in which entry. It is worth nothing anywhere else. */
export interface ObservationPlace {
  observer: UserId;
  entryId: EntryId;
}

/** What its friends recognise an observation by: thoughtKey is T of the observed author (PROTOCOL.md §3 "Observations"). */
export function observationTag(thoughtKey: Uint8Array, place: ObservationPlace): Uint8Array {
  return deriveKey(thoughtKey, "obs-tag", placeBytes(place)).slice(0, OBSERVATION_TAG_BYTES);
}

/** The 101 bytes by which the observer tells common friends how far they have read a chain. */
export function createObservation(thoughtKey: Uint8Array, place: ObservationPlace, head: { seq: number; hash: EntryHash }): Uint8Array {
  const observed = encodeObservedHead({ seq: head.seq, hashStart: head.hash.slice(0, OBSERVED_HASH_BYTES) });
  return concatBytes(observationTag(thoughtKey, place), seal(observationKey(thoughtKey), "obs", placeBytes(place), observed));
}

/** Opens an observation at its own place. @throws ProtocolError bad-length, bad-seal, bad-value */
export function openObservation(thoughtKey: Uint8Array, place: ObservationPlace, bytes: Uint8Array): ObservedHead {
  demand(bytes.length === OBSERVATION_BYTES, "bad-length");
  demand(equalBytes(bytes.subarray(0, OBSERVATION_TAG_BYTES), observationTag(thoughtKey, place)), "bad-seal");
  return parseObservedHead(open(observationKey(thoughtKey), "obs", placeBytes(place), bytes.subarray(OBSERVATION_TAG_BYTES)));
}

function observationKey(thoughtKey: Uint8Array): Uint8Array {
  return deriveKey(thoughtKey, "obs");
}

function placeBytes({ observer, entryId }: ObservationPlace): Uint8Array {
  return concatBytes(observer, entryId);
}
