import { createManifest, deriveKey, vaultItemHashOf } from "../../../src/crypto/index.ts";
import { pad } from "../../../src/crypto/secret/padding.ts";
import { sealWithNonce } from "../../../src/crypto/secret/seal.ts";
import {
  concatBytes,
  encodeVaultFriends,
  encodeVaultIdentity,
  encodeVaultPending,
  encodeVaultSettings,
  u32,
  u8,
  type ManifestFields,
  type VaultCard,
} from "../../../src/protocol/index.ts";
import { CREATED_MS, bytesFor, person, type Person } from "./material.ts";

export const MASTER_KEY = bytesFor("master key");

/** One item as PROTOCOL.md §6 lays it out, with its nonce given. */
export function itemWith(userId: Uint8Array, itemVersion: number, item: number, content: Uint8Array, masterKey = MASTER_KEY): Uint8Array {
  const key = deriveKey(masterKey, "vault-item", u8(item));
  return sealWithNonce(bytesFor(`vault item ${item}`, 24), key, "vault", concatBytes(userId, u32(itemVersion), u8(item)), pad(content));
}

export function ownCard({ card, seeds }: Person): VaultCard {
  return { cardVersion: card.cardVersion, createdMs: CREATED_MS, ...seeds, card: card.bytes };
}

/** The contents of alice's vault, by item. */
export function contents(cards: VaultCard[] = [ownCard(person("alice"))]): Record<number, Uint8Array> {
  const [bob, hash] = [person("bob"), bytesFor("friendship")];
  return {
    1: encodeVaultIdentity({ cards }),
    2: encodeVaultFriends({
      friends: [{ userId: bob.userId, username: "bob", cardHash: bob.cardHash, verified: true, kind: 1, state: "CONFIRMED", fid: hash, position: { seq: 4, hash } }],
      ended: [bytesFor("ended friendship")],
    }),
    3: encodeVaultSettings({ relayReceiptKey: bytesFor("receipt key"), relayLoginKey: bytesFor("login key"), newestEpoch: { n: 3, key: bytesFor("epoch key 3") } }),
    4: encodeVaultPending({ abandoned: [] }),
  };
}

export interface StoredItem {
  item: number;
  itemVersion: number;
  sealed: Uint8Array;
}

/** Alice's items as of vault version 3; item 2 was last written by version 2. */
export function sealedItems(plain: Record<number, Uint8Array> = contents()): StoredItem[] {
  return Object.entries(plain).map(([key, content]) => {
    const item = Number(key);
    const itemVersion = item === 2 ? 2 : 3;
    return { item, itemVersion, sealed: itemWith(person("alice").userId, itemVersion, item, content) };
  });
}

export const HEAD = { headSeq: 9, headHash: bytesFor("head") };

export function manifestFields(items: StoredItem[], changes: Partial<ManifestFields> = {}): ManifestFields {
  return {
    userId: person("alice").userId,
    vaultVersion: 3,
    previousManifestHash: bytesFor("manifest before"),
    ...HEAD,
    items: items.map(({ item, itemVersion, sealed }) => ({ item, itemVersion, itemHash: vaultItemHashOf(sealed) })),
    ...changes,
  };
}

export function manifestWith(items: StoredItem[], changes: Partial<ManifestFields> = {}, signer: Person = person("alice")): Uint8Array {
  return createManifest(signer.identity.sign.secretKey, manifestFields(items, changes)).bytes;
}
