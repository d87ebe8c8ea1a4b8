import { concatBytes, encodeCheckpoint, type CheckpointFields } from "../../protocol/index.ts";
import { sign, type SigningKeyPair } from "../sign.ts";

/** The relay's signed word about its key log, 146 bytes (PROTOCOL.md §7). */
export function createCheckpoint({ publicKey, secretKey }: SigningKeyPair, checkpoint: Omit<CheckpointFields, "relay">): Uint8Array {
  const body = encodeCheckpoint({ ...checkpoint, relay: publicKey });
  return concatBytes(body, sign(secretKey, "checkpoint", body));
}
