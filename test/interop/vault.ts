import { type Bytes, demand, equal } from "./bytes.ts";
import { parseCard } from "./card.ts";
import { type Manifest, parseManifest, verifyManifest } from "./manifest.ts";
import { boxKeysOf, hash, kemKeysOf, signPublicKey } from "./primitives.ts";
import { type ItemContent, type ItemNumber, openItem, parseItem, shapes } from "./vault-items.ts";

export interface StoredVault {
  masterKey: Bytes;
  userId: Bytes;
  manifest: Bytes;
  items: { item: number; sealed: Bytes }[];
  publishedCard: Bytes;
  chain: { hashes: { seq: number; hash: Bytes }[]; highestVaultMin: number };
  lowestVersion?: number;
}

export interface OpenVault {
  vaultVersion: number;
  cardHash: Bytes;
  friends: Bytes[];
  newestEpoch: { n: number; key: Bytes };
}

/** The steps of PROTOCOL.md §6 Opening that come after the wrap. */
export function openVault(vault: StoredVault): OpenVault {
  const claimed = parseManifest(vault.manifest);
  const identity = open(vault, claimed, 1);
  demandOwnCard(identity, vault.publishedCard);
  const manifest = verifyManifest({ userId: vault.userId, card: vault.publishedCard }, vault.manifest);
  demandItems(vault, manifest);
  demandCurrent(vault, manifest);
  const { friends } = open(vault, manifest, 2);
  const { newestEpoch } = open(vault, manifest, 3);
  open(vault, manifest, 4);
  const { vaultVersion } = manifest;
  return { vaultVersion, cardHash: parseCard(vault.publishedCard).hash, friends: friends.map(({ userId }) => userId), newestEpoch };
}

function open<N extends ItemNumber>({ masterKey, userId, items }: StoredVault, manifest: Manifest, number: N): ItemContent<N> {
  const listed = manifest.items.find(({ item }) => item === number);
  const stored = items.find(({ item }) => item === number);
  demand(listed !== undefined && stored !== undefined, "bad-vault");
  return parseItem(number, openItem(masterKey, userId, listed.itemVersion, number, stored.sealed));
}

/** The relay publishes a card that is, byte for byte, an own one; its keys come from the seeds. */
function demandOwnCard({ cards }: ItemContent<1>, publishedCard: Bytes): void {
  const own = cards.find(({ card }) => equal(card, publishedCard));
  demand(own !== undefined, "bad-card");
  const { signKey, boxKey, kemKey } = parseCard(publishedCard);
  const derived = [signPublicKey(own.signSeed), boxKeysOf(own.boxSeed).publicKey, kemKeysOf(own.kemSeed).publicKey];
  demand([signKey, boxKey, kemKey].every((key, at) => equal(key, derived[at] as Bytes)), "bad-card");
}

function demandItems({ items }: StoredVault, manifest: Manifest): void {
  demand(manifest.items.every(({ item }) => item in shapes), "unknown-version");
  demand(items.length === manifest.items.length, "bad-vault");
  for (const { item, itemHash } of manifest.items) {
    const stored = items.find((one) => one.item === item);
    demand(stored !== undefined && equal(hash("vault-item-hash", stored.sealed), itemHash), "bad-vault");
  }
}

function demandCurrent({ chain, lowestVersion = 0 }: StoredVault, { vaultVersion, headSeq, headHash }: Manifest): void {
  const head = chain.hashes.find(({ seq }) => seq === headSeq);
  const isOnChain = head !== undefined && equal(head.hash, headHash);
  demand(isOnChain && chain.highestVaultMin <= vaultVersion && vaultVersion >= lowestVersion, "rolled-back");
}
