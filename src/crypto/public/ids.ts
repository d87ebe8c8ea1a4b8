import type {
  Card,
  CardHash,
  EntryHash,
  FriendRequestRecord,
  FriendshipId,
  Manifest,
  UserId,
} from "../../protocol/index.ts";
import { hash } from "./hash.ts";

/** The user id that a first card proves (PROTOCOL.md §2). */
export const userIdOf = (firstCard: Pick<Card, "body">): UserId => hash("user", firstCard.body);

/** A chain has thousands of entries under one card. */
const cardHashes = new WeakMap<Pick<Card, "bytes">, CardHash>();

/** The hash of a card with its signatures (PROTOCOL.md §2). */
export function cardHashOf(card: Pick<Card, "bytes">): CardHash {
  const cardHash = cardHashes.get(card) ?? hash("card", card.bytes);
  cardHashes.set(card, cardHash);
  return cardHash;
}

/** The hash of an entry: of its 170 header bytes, which name the payload (PROTOCOL.md §3). */
export const entryHashOf = (header: Uint8Array): EntryHash => hash("entry", header);

/** What a header says about its payload (PROTOCOL.md §3). */
export const payloadHashOf = (payload: Uint8Array): Uint8Array => hash("payload", payload);

/** The id of the friendship that a REQUEST asks for (PROTOCOL.md §5). */
export const friendshipIdOf = (request: Pick<FriendRequestRecord, "record">): FriendshipId =>
  hash("friendship", request.record);

/** What the next manifest names as its previous one: the signed manifest (PROTOCOL.md §6). */
export const manifestHashOf = (manifest: Pick<Manifest, "bytes">): Uint8Array => hash("manifest", manifest.bytes);

/** What a manifest says about a sealed item (PROTOCOL.md §6). */
export const vaultItemHashOf = (sealed: Uint8Array): Uint8Array => hash("vault-item-hash", sealed);

/** What the relay keeps of the recovery code: enough to check rcAuth, not to make it (PROTOCOL.md §6). */
export const recoveryVerifierOf = (recoveryAuth: Uint8Array): Uint8Array => hash("rc-verifier", recoveryAuth);
