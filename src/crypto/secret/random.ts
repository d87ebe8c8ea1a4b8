import { ENTRY_ID_BYTES, KEY_BYTES, REQUEST_ID_BYTES, type EntryId } from "../../protocol/index.ts";

/**
 * Bytes from the system's generator, the only source of randomness of the protocol: the one that libsodium asks for four
 * bytes at a time, which costs as much as signing does.
 */
export function generateBytes(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}

/** The idempotency key of one append, 16 bytes. */
export const generateEntryId = (): EntryId => generateBytes(ENTRY_ID_BYTES);
/** What makes a REQUEST unique, 16 bytes. */
export const generateRequestId = (): Uint8Array => generateBytes(REQUEST_ID_BYTES);
/** K_n of a new epoch, 32 bytes (PROTOCOL.md §3). */
export const generateEpochKey = (): Uint8Array => generateBytes(KEY_BYTES);
/** MK, the key of the vault, 32 bytes (PROTOCOL.md §6). */
export const generateMasterKey = (): Uint8Array => generateBytes(KEY_BYTES);
