import {
  concatBytes,
  encodeEntryHeader,
  encodeEntryPre,
  type EntryHash,
  type EntryPre,
} from "../../protocol/index.ts";
import { entryHashOf, payloadHashOf } from "../public/ids.ts";
import { sign } from "../sign.ts";
import type { Identity } from "./identity.ts";

/** A signed entry as it is sent, and its hash: save (seq, entryHash) durably before sending (PROTOCOL.md §3 "Forks"). */
export interface CreatedEntry {
  bytes: Uint8Array;
  entryHash: EntryHash;
}

/** Signs an entry with the keys of the card that signerCard names (PROTOCOL.md §3). */
export function createEntry({
  signer,
  payload,
  ...pre
}: EntryPre & { signer: Pick<Identity, "sign">; payload: Uint8Array }): CreatedEntry {
  const header = encodeEntryHeader(encodeEntryPre(pre), payload.length, payloadHashOf(payload));
  const signature = sign(signer.sign.secretKey, "entry", header);
  return { bytes: concatBytes(header, signature, payload), entryHash: entryHashOf(header) };
}
