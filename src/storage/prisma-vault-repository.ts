import type { VaultItemRecord, VaultRecord, VaultRepository } from "../domain/ports/index.ts";
import { toBytes } from "./columns.ts";
import type { Database } from "./prisma-client.ts";

type VaultRow = Omit<VaultRecord, "items"> & VaultItemRecord;

/** Vaults: a signed manifest and the sealed items it lists. */
export function createVaultRepository(database: Database): VaultRepository {
  return {
    async get(userId) {
      // One statement sees one moment: two could answer with the manifest of one version and the items of the next.
      const rows = await database.$queryRaw<VaultRow[]>`
        SELECT vault.version, vault.manifest, written.item, written."itemVersion", written.sealed
        FROM "Vault" AS vault JOIN "VaultItem" AS written ON written."userId" = vault."userId"
        WHERE vault."userId" = ${toBytes(userId)} ORDER BY written.item`;
      const [first] = rows;
      if (!first) throw new Error("a user without a vault");
      return {
        version: first.version,
        manifest: first.manifest,
        items: rows.map(({ item, itemVersion, sealed }) => ({ item, itemVersion, sealed })),
      };
    },

    async getVersion(userId) {
      const { version } = await database.vault.findUniqueOrThrow({ where: { userId: toBytes(userId) }, select: { version: true } });
      return version;
    },

    async getManifest(userId) {
      const { manifest } = await database.vault.findUniqueOrThrow({ where: { userId: toBytes(userId) }, select: { manifest: true } });
      return manifest;
    },

    async insert(userId, { version, manifest, items }) {
      await database.vault.create({ data: { userId: toBytes(userId), version, manifest: toBytes(manifest) }, select: { version: true } });
      await writeItems(database, toBytes(userId), items);
    },

    async replace(userId, expectedVersion, { version, manifest, items }) {
      const { count } = await database.vault.updateMany({
        where: { userId: toBytes(userId), version: expectedVersion },
        data: { version, manifest: toBytes(manifest) },
      });
      if (count === 0) return false;
      await writeItems(database, toBytes(userId), items);
      return true;
    },

    async delete(userId) {
      const where = { userId: toBytes(userId) };
      await database.vaultItem.deleteMany({ where });
      await database.vault.delete({ where, select: { version: true } });
    },
  };
}

async function writeItems(database: Database, userId: Uint8Array<ArrayBuffer>, items: VaultItemRecord[]): Promise<void> {
  for (const { item, itemVersion, sealed } of items) {
    const content = { itemVersion, sealed: toBytes(sealed) };
    await database.vaultItem.upsert({
      where: { userId_item: { userId, item } },
      create: { userId, item, ...content },
      update: content,
      select: { item: true },
    });
  }
}
