import { type Bytes, concat, demand, demandVersion, equal, Fields, isZero, u32, u64, u8 } from "./bytes.ts";
import { type Owner, parseCard } from "./card.ts";
import { hash, sign, verifySignature } from "./primitives.ts";

export interface ManifestItem {
  item: number;
  itemVersion: number;
  itemHash: Bytes;
}

/** What a vault consists of (PROTOCOL.md §6). */
export interface ManifestFields {
  userId: Bytes;
  vaultVersion: number;
  previousManifestHash: Bytes;
  headSeq: number;
  headHash: Bytes;
  items: ManifestItem[];
}

export interface Manifest extends ManifestFields {
  hash: Bytes;
}

const FIXED = 110;
const ITEM = 37;
const SIGNATURE = 64;

export function parseManifest(bytes: Bytes): Manifest {
  demandVersion(bytes, 1);
  const count = bytes[FIXED - 1] ?? 0;
  demand(bytes.length === FIXED + ITEM * count + SIGNATURE, "bad-length");
  const fields = new Fields(bytes);
  fields.bytes(1);
  const [userId, vaultVersion, previousManifestHash] = [fields.bytes(32), fields.number(4), fields.bytes(32)];
  const [headSeq, headHash] = [fields.number(8), fields.bytes(32)];
  fields.bytes(1);
  const items = Array.from({ length: count }, () => ({ item: fields.number(1), itemVersion: fields.number(4), itemHash: fields.bytes(32) }));
  demand(vaultVersion >= 1 && (vaultVersion === 1) === isZero(previousManifestHash), "bad-manifest");
  for (const [at, { item, itemVersion }] of items.entries()) {
    demand(item > (items[at - 1]?.item ?? 0) && itemVersion >= 1 && itemVersion <= vaultVersion, "bad-manifest");
  }
  return { userId, vaultVersion, previousManifestHash, headSeq, headHash, items, hash: hash("manifest", bytes) };
}

export function verifyManifest(owner: Owner, bytes: Bytes): Manifest {
  const manifest = parseManifest(bytes);
  demand(equal(manifest.userId, owner.userId), "bad-author");
  verifySignature(parseCard(owner.card).signKey, "vault", bytes.slice(0, -SIGNATURE), bytes.slice(-SIGNATURE));
  return manifest;
}

export function createManifest(signSeed: Bytes, manifest: ManifestFields): Bytes {
  const { userId, vaultVersion, previousManifestHash, headSeq, headHash } = manifest;
  const items = manifest.items.flatMap(({ item, itemVersion, itemHash }) => [u8(item), u32(itemVersion), itemHash]);
  const signed = concat(u8(1), userId, u32(vaultVersion), previousManifestHash, u64(headSeq), headHash, u8(manifest.items.length), ...items);
  return concat(signed, sign(signSeed, "vault", signed));
}
