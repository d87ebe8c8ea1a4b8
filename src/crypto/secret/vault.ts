import {
  concatBytes,
  demand,
  encodeManifest,
  equalBytes,
  MAX_VAULT_ITEM_BYTES,
  parseCard,
  parseManifest,
  parseVaultFriends,
  parseVaultIdentity,
  parseVaultPending,
  parseVaultSettings,
  u32,
  u8,
  VaultItem,
  type Card,
  type CardHash,
  type EntryHash,
  type Manifest,
  type ManifestFields,
  type UserId,
  type VaultFriends,
  type VaultIdentity,
  type VaultPending,
  type VaultSettings,
} from "../../protocol/index.ts";
import { deriveKey } from "../kdf.ts";
import { cardHashOf, vaultItemHashOf } from "../public/ids.ts";
import { verifyManifest } from "../public/verify-manifest.ts";
import { sign } from "../sign.ts";
import { deriveIdentity, publicKeysOf, type Identity } from "./identity.ts";
import { pad, unpad } from "./padding.ts";
import { open, seal } from "./seal.ts";

/** The vault as the relay keeps it. */
export interface StoredVault {
  manifest: Uint8Array;
  items: { item: number; sealed: Uint8Array }[];
}

/** What the own, verified chain says about the vault. */
export interface VaultWitness {
  /** The hash of the entry at a position, if the chain has one. */
  hashAt(seq: number): EntryHash | undefined;
  /** The highest vaultMin of all its epochs. */
  highestVaultMin: number;
}

export interface OpenedVault {
  manifest: Manifest;
  /** Keys, card and card hash of the published card. */
  identity: Identity;
  card: Card;
  cardHash: CardHash;
  /** All own card versions. */
  cards: VaultIdentity;
  friends: VaultFriends;
  settings: VaultSettings;
  pending: VaultPending;
}

/** Which item of whose vault, as of which vault version. */
export interface VaultItemPlace {
  userId: UserId;
  itemVersion: number;
  item: number;
}

/** Seals the CBOR of one item (PROTOCOL.md §6). @throws ProtocolError bad-length above 1 MiB */
export function sealVaultItem({
  masterKey,
  content,
  ...place
}: VaultItemPlace & { masterKey: Uint8Array; content: Uint8Array }): Uint8Array {
  const sealed = seal(itemKey(masterKey, place), "vault", itemAd(place), pad(content));
  demand(sealed.length <= MAX_VAULT_ITEM_BYTES, "bad-length");
  return sealed;
}

/** The CBOR of one item. @throws ProtocolError bad-length, bad-seal, bad-padding */
export function openVaultItem({
  masterKey,
  sealed,
  ...place
}: VaultItemPlace & { masterKey: Uint8Array; sealed: Uint8Array }): Uint8Array {
  demand(sealed.length <= MAX_VAULT_ITEM_BYTES, "bad-length");
  return unpad(open(itemKey(masterKey, place), "vault", itemAd(place), sealed));
}

/** A signed manifest (PROTOCOL.md §6). @throws ProtocolError bad-manifest for fields that contradict each other */
export function createManifest(signSecretKey: Uint8Array, fields: ManifestFields): Manifest {
  const body = encodeManifest(fields);
  return parseManifest(concatBytes(body, sign(signSecretKey, "vault", body)));
}

/**
 * Opens a vault in the order of PROTOCOL.md §6 "Opening". Nothing of it may be used before this returns.
 * @param lowestVersion the highest vault version that this device has seen
 * @throws ProtocolError bad-manifest, bad-vault, bad-seal, bad-padding, bad-cbor, bad-card, bad-author, bad-sig, unknown-version, rolled-back
 */
export function openVault({
  masterKey,
  userId,
  stored,
  publishedCard,
  chain,
  lowestVersion = 1,
}: {
  masterKey: Uint8Array;
  userId: UserId;
  stored: StoredVault;
  publishedCard: Uint8Array;
  chain: VaultWitness;
  lowestVersion?: number;
}): OpenedVault {
  const contentOf = contentReader(masterKey, userId, stored);
  const cards = parseVaultIdentity(contentOf(VaultItem.IDENTITY));
  const { identity, card } = matchPublishedCard(cards, publishedCard);
  const manifest = verifyManifest({ userId, card }, stored.manifest);
  demandItems(manifest, stored);
  demandCurrentVault(manifest, chain, lowestVersion);
  return {
    manifest,
    identity,
    card,
    cardHash: cardHashOf(card),
    cards,
    friends: parseVaultFriends(contentOf(VaultItem.FRIENDS)),
    settings: parseVaultSettings(contentOf(VaultItem.SETTINGS)),
    pending: parseVaultPending(contentOf(VaultItem.PENDING)),
  };
}

/**
 * Refuses a vault that is older than what the own chain, or this device, has seen.
 * @throws ProtocolError rolled-back
 */
export function demandCurrentVault(manifest: Manifest, chain: VaultWitness, lowestVersion: number): void {
  const head = chain.hashAt(manifest.headSeq);
  demand(head !== undefined && equalBytes(head, manifest.headHash), "rolled-back");
  demand(chain.highestVaultMin <= manifest.vaultVersion, "rolled-back");
  demand(lowestVersion <= manifest.vaultVersion, "rolled-back");
}

// The manifest is not verified yet when item 1 is opened; it says no more than under which version to try.
function contentReader(masterKey: Uint8Array, userId: UserId, stored: StoredVault): (item: VaultItem) => Uint8Array {
  const claimed = parseManifest(stored.manifest);
  return (item) => {
    const entry = claimed.items.find((one) => one.item === item);
    const found = stored.items.find((one) => one.item === item);
    demand(entry !== undefined && found !== undefined, "bad-vault");
    return openVaultItem({ masterKey, userId, itemVersion: entry.itemVersion, item, sealed: found.sealed });
  };
}

// Own public keys never come from the relay: a published card that is not exactly one of the own is a hard stop.
function matchPublishedCard({ cards }: VaultIdentity, publishedCard: Uint8Array): { identity: Identity; card: Card } {
  const own = cards.find((one) => equalBytes(one.card, publishedCard));
  demand(own !== undefined, "bad-card");
  const card = parseCard(own.card);
  const identity = deriveIdentity(own);
  const { signPk, boxPk, kemPk } = publicKeysOf(identity);
  demand(equalBytes(signPk, card.signPk), "bad-card");
  demand(equalBytes(boxPk, card.boxPk) && equalBytes(kemPk, card.kemPk), "bad-card");
  return { identity, card };
}

function demandItems({ items }: Manifest, stored: StoredVault): void {
  const known: number[] = Object.values(VaultItem);
  // A later version of the vault: saving it from here would drop what this build does not know.
  demand(items.every(({ item }) => known.includes(item)), "unknown-version");
  demand(stored.items.length === items.length, "bad-vault");
  for (const { item, itemHash } of items) {
    const found = stored.items.find((one) => one.item === item);
    demand(found !== undefined && equalBytes(vaultItemHashOf(found.sealed), itemHash), "bad-vault");
  }
}

function itemKey(masterKey: Uint8Array, { item }: VaultItemPlace): Uint8Array {
  return deriveKey(masterKey, "vault-item", u8(item));
}

function itemAd({ userId, itemVersion, item }: VaultItemPlace): Uint8Array {
  return concatBytes(userId, u32(itemVersion), u8(item));
}
