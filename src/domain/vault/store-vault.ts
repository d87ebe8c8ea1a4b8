import type { CardOwner } from "../../crypto/public.ts";
import { equalBytes, type Manifest } from "../../protocol/index.ts";
import { DomainError } from "../domain-error.ts";
import type { Repositories } from "../ports/index.ts";
import { parseClaimedManifest, type VaultInput, verifyVault } from "./verify-vault.ts";

/** The manifest that is stored. The user's row is locked, so it stays the newest one. */
export async function getStoredManifest({ vaults }: Repositories, userId: Uint8Array): Promise<Manifest> {
  return parseClaimedManifest(await vaults.getManifest(userId));
}

/**
 * Stores a vault in place of the one before it, for an owner whose row is locked.
 * @throws DomainError VAULT_STALE (details: version), and as verifyVault
 */
export async function storeVault(repositories: Repositories, owner: CardOwner, input: VaultInput, previous: Manifest): Promise<Manifest> {
  const { manifest, vault } = verifyVault(owner, input, previous);
  await demandHead(repositories, manifest);
  if (await repositories.vaults.replace(owner.userId, previous.vaultVersion, vault)) return manifest;
  throw vaultStale(previous.vaultVersion);
}

export function vaultStale(version: number): DomainError {
  return new DomainError("VAULT_STALE", "Another device saved the vault in the meantime: load it and apply the change again.", { version });
}

async function demandHead({ chains }: Repositories, { userId, headSeq, headHash }: Manifest): Promise<void> {
  const entry = await chains.findBySeq(userId, headSeq);
  if (entry && equalBytes(entry.hash, headHash)) return;
  throw new DomainError("VAULT_INVALID", "The vault's manifest names a head that your chain does not hold: synchronise and build it again.");
}
