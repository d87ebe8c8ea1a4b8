import { canonicalEmail, encodeUtf8 } from "../../protocol/index.ts";
import { hash } from "./hash.ts";

/** What a client sends instead of an e-mail address, 32 bytes (PROTOCOL.md §6). @throws ProtocolError bad-email */
export function emailHashOf(address: string): Uint8Array {
  return hash("email-address", encodeUtf8(canonicalEmail(address)));
}
