import { equalBytes } from "../../protocol/index.ts";
import { getCard } from "../chain/append-entries.ts";
import type { UnitOfWork, VaultRecord } from "../ports/index.ts";
import type { Viewer } from "../viewer.ts";
import { getStoredManifest, storeVault, vaultStale } from "./store-vault.ts";
import type { VaultInput } from "./verify-vault.ts";

export interface VaultService {
  get(viewer: Viewer): Promise<VaultRecord>;
  getVersion(viewer: Viewer): Promise<number>;
  /**
   * Stores the vault if `expectedVersion` is still the stored one, and answers with the new version. The same vault
   * again gets the same answer.
   * @throws DomainError as storeVault
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
        const previous = await getStoredManifest(repositories, userId);
        if (equalBytes(previous.bytes, input.manifest)) return previous.vaultVersion;
        if (previous.vaultVersion !== expectedVersion) throw vaultStale(previous.vaultVersion);
        const owner = { userId, card: await getCard(repositories, userId) };
        return (await storeVault(repositories, owner, input, previous)).vaultVersion;
      }),
  };
}
