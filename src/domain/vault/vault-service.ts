import { equalBytes, parseCard, type UserId } from "../../protocol/index.ts";
import { DomainError } from "../domain-error.ts";
import type { Repositories, UnitOfWork, VaultRecord } from "../ports/index.ts";
import type { Viewer } from "../viewer.ts";
import { parseClaimedManifest, type VaultInput, verifyVault } from "./verify-vault.ts";

export interface VaultService {
  get(viewer: Viewer): Promise<VaultRecord>;
  getVersion(viewer: Viewer): Promise<number>;
  /**
   * Stores the vault if `expectedVersion` is still the stored one, and answers with the new version. The same vault
   * again gets the same answer.
   * @throws DomainError VAULT_STALE (details: version), and as verifyVault
   */
  save(viewer: Viewer, expectedVersion: number, input: VaultInput): Promise<number>;
}

export function createVaultService({ unitOfWork }: { unitOfWork: UnitOfWork }): VaultService {
  const { vaults } = unitOfWork.repositories;

  return {
    get: ({ userId }) => vaults.get(userId),
    getVersion: ({ userId }) => vaults.getVersion(userId),

    save: ({ userId }, expectedVersion, input) =>
      unitOfWork.run(async (repositories) => {
        // The card in force and the version stay as they are until the vault is stored.
        await repositories.users.lock([userId]);
        const stored = await repositories.vaults.getManifest(userId);
        const previous = parseClaimedManifest(stored);
        if (equalBytes(stored, input.manifest)) return previous.vaultVersion;
        if (previous.vaultVersion !== expectedVersion) throw stale(previous.vaultVersion);

        const owner = { userId, card: await getCurrentCard(repositories, userId) };
        const { manifest, vault } = verifyVault(owner, input, previous);
        await demandHead(repositories, manifest);
        if (!(await repositories.vaults.replace(userId, expectedVersion, vault))) throw stale(previous.vaultVersion);
        return vault.version;
      }),
  };
}

async function getCurrentCard({ users }: Repositories, userId: UserId) {
  const [card] = await users.findCurrentCards([userId]);
  if (!card) throw new Error("a user without a card");
  return parseCard(card.bytes);
}

async function demandHead({ chains }: Repositories, { userId, headSeq, headHash }: { userId: UserId; headSeq: number; headHash: Uint8Array }): Promise<void> {
  const entry = await chains.findBySeq(userId, headSeq);
  if (entry && equalBytes(entry.hash, headHash)) return;
  throw new DomainError("VAULT_INVALID", "The vault's manifest names a head that your chain does not hold: synchronise and build it again.");
}

function stale(version: number): DomainError {
  return new DomainError("VAULT_STALE", "Another device saved the vault in the meantime: load it and apply the change again.", { version });
}
