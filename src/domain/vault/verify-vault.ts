import { manifestHashOf, vaultItemHashOf, verifyManifest, type CardOwner } from "../../crypto/public.ts";
import { equalBytes, isZero, MAX_VAULT_ITEM_BYTES, type Manifest, type ManifestItem, parseManifest } from "../../protocol/index.ts";
import { DomainError } from "../domain-error.ts";
import type { VaultItemRecord, VaultRecord } from "../ports/index.ts";
import { refusing } from "../protocol-refusal.ts";

/** A vault as a client sends it: the signed manifest and the items that this version writes. */
export interface VaultInput {
  manifest: Uint8Array;
  items: VaultItemRecord[];
}

/**
 * Verifies that a vault may follow the previous one (undefined before the first). PROTOCOL.md §6.
 * Whether the owner's chain holds the manifest's head is for the caller to check.
 * @throws DomainError BYTES_MALFORMED, SIZE_EXCEEDED, SIGNATURE_INVALID, SIGNER_NOT_VIEWER, VAULT_INVALID
 */
export function verifyVault(owner: CardOwner, input: VaultInput, previous: Manifest | undefined): { manifest: Manifest; vault: VaultRecord } {
  demandSizes(input.items);
  const manifest = refusing(() => verifyManifest(owner, input.manifest));
  demandSuccession(manifest, previous);
  demandItems(manifest, input.items, previous);
  return { manifest, vault: { version: manifest.vaultVersion, ...input } };
}

/** The version that a manifest claims. @throws DomainError BYTES_MALFORMED, VAULT_INVALID */
export function parseClaimedManifest(bytes: Uint8Array): Manifest {
  return refusing(() => parseManifest(bytes));
}

function demandSizes(items: VaultItemRecord[]): void {
  if (items.every(({ sealed }) => sealed.length <= MAX_VAULT_ITEM_BYTES)) return;
  throw new DomainError("SIZE_EXCEEDED", `A sealed vault item has at most ${MAX_VAULT_ITEM_BYTES} bytes: keep less in it.`);
}

function demandSuccession(manifest: Manifest, previous: Manifest | undefined): void {
  if (manifest.vaultVersion !== (previous?.vaultVersion ?? 0) + 1) throw invalid("its version does not follow the stored one");
  const { previousManifestHash } = manifest;
  const isLinked = previous ? equalBytes(previousManifestHash, manifestHashOf(previous)) : isZero(previousManifestHash);
  if (!isLinked) throw invalid("it does not name the stored manifest as its previous one");
}

function demandItems(manifest: Manifest, written: VaultItemRecord[], previous: Manifest | undefined): void {
  if (manifest.items.length === 0) throw invalid("it lists no items");
  const keptItems = previous?.items ?? [];
  if (!keptItems.every(({ item }) => manifest.items.some((listed) => listed.item === item))) throw invalid("it leaves out a stored item");
  const listedAsWritten = manifest.items.filter(({ itemVersion }) => itemVersion === manifest.vaultVersion);
  if (written.length !== listedAsWritten.length) throw invalid("the items sent are not those that it lists for its version");
  for (const listed of manifest.items) {
    const isNew = listed.itemVersion === manifest.vaultVersion;
    if (isNew ? !isWritten(listed, written) : !isKept(listed, keptItems)) throw invalid(`it does not fit item ${listed.item}`);
  }
}

function isWritten(listed: ManifestItem, written: VaultItemRecord[]): boolean {
  return written.some(
    ({ item, itemVersion, sealed }) =>
      item === listed.item && itemVersion === listed.itemVersion && equalBytes(vaultItemHashOf(sealed), listed.itemHash),
  );
}

function isKept(listed: ManifestItem, kept: ManifestItem[]): boolean {
  return kept.some(
    ({ item, itemVersion, itemHash }) =>
      item === listed.item && itemVersion === listed.itemVersion && equalBytes(itemHash, listed.itemHash),
  );
}

function invalid(reason: string): DomainError {
  return new DomainError("VAULT_INVALID", `The vault's manifest cannot be stored: ${reason}. Load the vault and build it again.`);
}
