import { ByteReader, concatBytes, sized, u8 } from "./bytes.ts";
import { OBSERVATION_BYTES } from "./limits.ts";

/** The payload of a BEACON: 0 to 255 observations of 101 bytes; their content is opaque here (PROTOCOL.md §3). */
export function encodeBeaconPayload(observations: Uint8Array[]): Uint8Array {
  return concatBytes(u8(observations.length), ...observations.map((one) => sized(one, OBSERVATION_BYTES)));
}

/** @throws ProtocolError bad-length */
export function parseBeaconPayload(bytes: Uint8Array): Uint8Array[] {
  const reader = new ByteReader(bytes);
  const observations = Array.from({ length: reader.u8() }, () => reader.take(OBSERVATION_BYTES));
  reader.end();
  return observations;
}
