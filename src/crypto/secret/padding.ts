import { bucketFor, demand, isBucket, refuseAs } from "../../protocol/index.ts";
import { sodium } from "../sodium.ts";

/** Pads to the smallest bucket, so that a length tells little (PROTOCOL.md §1). */
export function pad(content: Uint8Array): Uint8Array {
  return sodium.pad(content, bucketFor(content.length));
}

/** Takes the padding away. @throws ProtocolError bad-padding */
export function unpad(padded: Uint8Array): Uint8Array {
  demand(isBucket(padded.length), "bad-padding");
  return refuseAs("bad-padding", () => sodium.unpad(padded, padded.length));
}
