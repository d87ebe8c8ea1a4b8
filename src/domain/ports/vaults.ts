import type { UserId } from "../../protocol/index.ts";

export interface VaultItemRecord {
  item: number;
  itemVersion: number;
  sealed: Uint8Array;
}

export interface VaultRecord {
  version: number;
  manifest: Uint8Array;
  items: VaultItemRecord[];
}

export interface VaultRepository {
  get(userId: UserId): Promise<VaultRecord>;
  getVersion(userId: UserId): Promise<number>;
  getManifest(userId: UserId): Promise<Uint8Array>;
  insert(userId: UserId, vault: VaultRecord): Promise<void>;
  /** Stores manifest and the given items if the version is still `expectedVersion`; false otherwise. */
  replace(userId: UserId, expectedVersion: number, vault: VaultRecord): Promise<boolean>;
  delete(userId: UserId): Promise<void>;
}
