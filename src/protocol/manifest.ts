import { ByteReader, concatBytes, demandVersion, isZero, sized, u32, u64, u8 } from "./bytes.ts";
import type { EntryHash, UserId } from "./ids.ts";
import { FORMAT_VERSION, HASH_BYTES, SIGNATURE_BYTES } from "./limits.ts";
import { demand } from "./protocol-error.ts";

export interface ManifestItem {
  /** 1 to 255; vault-items.ts names the known ones. */
  item: number;
  /** The vault version that last wrote the item. */
  itemVersion: number;
  /** H("vault-item-hash", sealed item) */
  itemHash: Uint8Array;
}

/** What the vault consists of, and where the own chain stood (PROTOCOL.md §6). */
export interface ManifestFields {
  userId: UserId;
  /** 1 for the first. */
  vaultVersion: number;
  /** H("manifest", the signed manifest before this one), zero in the first. */
  previousManifestHash: Uint8Array;
  headSeq: number;
  headHash: EntryHash;
  /** In ascending order of item. */
  items: ManifestItem[];
}

export interface Manifest extends ManifestFields {
  /** The bytes that are signed. */
  body: Uint8Array;
  signature: Uint8Array;
  bytes: Uint8Array;
}

export function encodeManifest(manifest: ManifestFields): Uint8Array {
  return concatBytes(
    u8(FORMAT_VERSION),
    sized(manifest.userId, HASH_BYTES),
    u32(manifest.vaultVersion),
    sized(manifest.previousManifestHash, HASH_BYTES),
    u64(manifest.headSeq),
    sized(manifest.headHash, HASH_BYTES),
    u8(manifest.items.length),
    ...manifest.items.map(encodeManifestItem),
  );
}

/** Parses a signed manifest. @throws ProtocolError unknown-version, bad-length, bad-value, bad-manifest */
export function parseManifest(bytes: Uint8Array): Manifest {
  demandVersion(bytes, FORMAT_VERSION);
  const reader = new ByteReader(bytes);
  reader.u8();
  const manifest = {
    userId: reader.take(HASH_BYTES),
    vaultVersion: reader.u32(),
    previousManifestHash: reader.take(HASH_BYTES),
    headSeq: reader.u64(),
    headHash: reader.take(HASH_BYTES),
    items: Array.from({ length: reader.u8() }, () => parseManifestItem(reader)),
    body: new Uint8Array(bytes.subarray(0, Math.max(0, bytes.length - SIGNATURE_BYTES))),
    signature: reader.take(SIGNATURE_BYTES),
    bytes: new Uint8Array(bytes),
  };
  reader.end();
  demandConsistent(manifest);
  return manifest;
}

function demandConsistent({ vaultVersion, previousManifestHash, items }: ManifestFields): void {
  demand(vaultVersion > 0 && (vaultVersion === 1) === isZero(previousManifestHash), "bad-manifest");
  items.forEach(({ item, itemVersion }, index) => {
    demand(item > (items[index - 1]?.item ?? 0), "bad-manifest", "items out of order");
    demand(itemVersion > 0 && itemVersion <= vaultVersion, "bad-manifest", "an item of a later version");
  });
}

function encodeManifestItem({ item, itemVersion, itemHash }: ManifestItem): Uint8Array {
  return concatBytes(u8(item), u32(itemVersion), sized(itemHash, HASH_BYTES));
}

function parseManifestItem(reader: ByteReader): ManifestItem {
  return { item: reader.u8(), itemVersion: reader.u32(), itemHash: reader.take(HASH_BYTES) };
}
