import { encodeBase64url } from "./base64url.ts";

/** H("user", body of the first card), 32 bytes (PROTOCOL.md §2). */
export type UserId = Uint8Array;
/** H("card", card), 32 bytes (PROTOCOL.md §2). */
export type CardHash = Uint8Array;
/** Random, chosen by the client, 16 bytes: the idempotency key of an append (PROTOCOL.md §3). */
export type EntryId = Uint8Array;
/** H("entry", header), 32 bytes (PROTOCOL.md §3). */
export type EntryHash = Uint8Array;
/** H("friendship", REQUEST), 32 bytes: fresh for every friendship (PROTOCOL.md §5). */
export type FriendshipId = Uint8Array;

/** An id as the key of a Map or Set: its base64url. */
export function idKey(bytes: Uint8Array): string {
  return encodeBase64url(bytes);
}
