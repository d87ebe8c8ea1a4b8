import { deriveKey, sign } from "../../../src/crypto/index.ts";
import { sealWithNonce } from "../../../src/crypto/secret/seal.ts";
import { concatBytes, encodeCbor, encodeManifest, u32, u8, type CborValue, type ManifestFields } from "../../../src/protocol/index.ts";
import { toHex } from "../hex.ts";
import type { InputOf } from "../operations.ts";
import type { Vector } from "../vector.ts";
import { bytesFor, filled, owner, person, withByte, withNextCard, withPart } from "./material.ts";
import { Topic } from "./topic.ts";
import { contents, HEAD, itemWith, manifestFields, manifestWith, MASTER_KEY, ownCard, sealedItems, type StoredItem } from "./vault-twin.ts";

type Expect = Vector["expect"];

export function buildVault(): Topic {
  const topic = new Topic("vault", "§6");
  addManifests(topic);
  addItems(topic);
  addContents(topic);
  addVaults(topic);
  addRollbacks(topic);
  return topic;
}

function addManifests(topic: Topic): void {
  const alice = person("alice");
  const { secretKey } = alice.identity.sign;
  const fields = manifestFields(sealedItems());
  const { userId, previousManifestHash, headHash, items, ...numbers } = fields;
  topic.add("create-manifest", "manifest-create", "ok", "a manifest names items, the manifest before it and the head", {
    ...numbers,
    userId: toHex(userId),
    previousManifestHash: toHex(previousManifestHash),
    headHash: toHex(headHash),
    items: items.map(({ itemHash, ...item }) => ({ ...item, itemHash: toHex(itemHash) })),
    signSeed: toHex(alice.seeds.signSeed),
  });
  const add = (id: string, expect: Expect, description: string, manifest: Uint8Array, by = alice) =>
    topic.add("verify-manifest", `manifest-${id}`, expect, description, { owner: owner(by), manifest: toHex(manifest) });
  const signed = (body: Uint8Array) => concatBytes(body, sign(secretKey, "vault", body));
  const saying = (changes: Partial<ManifestFields>) => signed(encodeManifest({ ...fields, ...changes }));
  const one = (item: number, itemVersion: number) => ({ item, itemVersion, itemHash: bytesFor(`item ${item}`) });
  const manifest = saying({});
  add("third", "ok", "a later manifest", manifest);
  add("first", "ok", "the first manifest names none before it", saying({ vaultVersion: 1, previousManifestHash: filled(32, 0), items: [one(1, 1)] }));
  add("no-items", "ok", "a manifest of nothing", saying({ items: [] }));
  add("empty", "bad-length", "no bytes", new Uint8Array());
  add("truncated", "bad-length", "the last byte is missing", manifest.subarray(0, -1));
  add("longer", "bad-length", "a byte after the signature", concatBytes(manifest, u8(0)));
  add("count", "bad-length", "more items than it counts", signed(withPart(encodeManifest(fields), 109, u8(3))));
  add("version", "unknown-version", "version 2, well signed", signed(withPart(encodeManifest(fields), 0, u8(2))));
  add("version-0", "bad-manifest", "vault version 0", saying({ vaultVersion: 0, items: [] }));
  add("first-with-previous", "bad-manifest", "a first manifest that names one before it", saying({ vaultVersion: 1, items: [] }));
  add("later-without-previous", "bad-manifest", "a later manifest that names none before it", saying({ previousManifestHash: filled(32, 0) }));
  add("unordered", "bad-manifest", "items in another order", saying({ items: [one(2, 3), one(1, 3)] }));
  add("twice", "bad-manifest", "an item twice", saying({ items: [one(1, 3), one(1, 3)] }));
  add("item-0", "bad-manifest", "an item 0", saying({ items: [one(0, 3)] }));
  add("item-version-0", "bad-manifest", "an item that no version wrote", saying({ items: [one(1, 0)] }));
  add("item-later", "bad-manifest", "an item of a later version than the vault's", saying({ items: [one(1, 4)] }));
  add("other-owner", "bad-author", "somebody else's manifest", manifestWith(sealedItems(), { userId: person("eve").userId }));
  add("forged", "bad-sig", "signed by somebody else", manifestWith(sealedItems(), {}, person("eve")));
  add("other-label", "bad-sig", "signed under entry", concatBytes(encodeManifest(fields), sign(secretKey, "entry", encodeManifest(fields))));
  add("changed", "bad-sig", "the vault's version changed", withPart(manifest, 33, u32(4)));
}

function addItems(topic: Topic): void {
  const { userId } = person("alice");
  const content = bytesFor("content", 90);
  const given = { masterKey: toHex(MASTER_KEY), userId: toHex(userId), itemVersion: 3, item: 2 };
  const sealed = itemWith(userId, 3, 2, content);
  const add = (id: string, expect: Expect, description: string, bytes: Uint8Array, change: Partial<typeof given> = {}) =>
    topic.add("open-vault-item", `item-${id}`, expect, description, { ...given, ...change, sealed: toHex(bytes) });
  add("open", "ok", "an item at its place", sealed);
  add("other-item", "bad-seal", "as another item", sealed, { item: 3 });
  add("other-version", "bad-seal", "as of another vault version", sealed, { itemVersion: 2 });
  add("other-user", "bad-seal", "as somebody else's", sealed, { userId: toHex(person("eve").userId) });
  add("other-key", "bad-seal", "under another master key", sealed, { masterKey: toHex(bytesFor("another master key")) });
  add("changed", "bad-seal", "a byte changed", withByte(sealed, 100));
  const unpadded = sealWithNonce(bytesFor("nonce", 24), deriveKey(MASTER_KEY, "vault-item", u8(2)), "vault", concatBytes(userId, u32(3), u8(2)), content);
  add("not-padded", "bad-padding", "content that is not padded", unpadded);
}

function addContents(topic: Topic): void {
  const plain = contents();
  const add = (id: string, expect: Expect, description: string, item: 1 | 2 | 3 | 4, content: Uint8Array) =>
    topic.add("parse-vault-item", `content-${id}`, expect, description, { item, content: toHex(content) });
  const cbor = (value: CborValue) => encodeCbor(value);
  const { userId, cardHash } = person("bob");
  const friend = { userId, cardHash, verified: true, kind: 1, state: "CONFIRMED", fid: bytesFor("friendship") };
  const friends = (change: Record<string, CborValue>) => cbor({ friends: [{ ...friend, ...change }], ended: [] });
  add("identity", "ok", "item 1", 1, plain[1]!);
  add("friends", "ok", "item 2", 2, plain[2]!);
  add("settings", "ok", "item 3", 3, plain[3]!);
  add("pending", "ok", "item 4", 4, plain[4]!);
  add("friend-later-key", "ok", "a key of a later version is ignored", 2, friends({ later: 1 }));
  add("friend-kind", "bad-cbor", "a kind of grant that does not exist", 2, friends({ kind: 3 }));
  add("friend-state", "bad-cbor", "a state that does not exist", 2, friends({ state: "FRIEND" }));
  add("friend-verified", "bad-cbor", "a number where yes or no is meant", 2, friends({ verified: 1 }));
  add("friend-id", "bad-cbor", "a user id of 31 bytes", 2, friends({ userId: filled(31, 1) }));
  add("friend-position", "bad-cbor", "a negative position", 2, friends({ position: { seq: -1, hash: filled(32, 1) } }));
  add("friend-name", "bad-text", "a user name of 31 bytes", 2, friends({ username: "x".repeat(31) }));
  add("no-ended", "bad-cbor", "no list of ended friendships", 2, cbor({ friends: [] }));
  add("other-item", "bad-cbor", "item 3 read as item 4", 4, plain[3]!);
  add("identity-seed", "bad-cbor", "a kem seed of 32 bytes", 1, cbor({ cards: [{ ...ownCard(person("alice")), kemSeed: filled(32, 1) }] }));
}

type VaultInput = InputOf<"open-vault">;

/** Vectors that open what is stored as alice's vault. */
function opener(topic: Topic) {
  return (id: string, expect: Expect, description: string, change: Partial<VaultInput> & { stored?: StoredItem[] } = {}) => {
    const { stored = sealedItems(), ...input } = change;
    topic.add("open-vault", id, expect, description, {
      masterKey: toHex(MASTER_KEY),
      userId: toHex(person("alice").userId),
      manifest: toHex(manifestWith(sealedItems())),
      items: stored.map(({ item, sealed }) => ({ item, sealed: toHex(sealed) })),
      publishedCard: toHex(person("alice").card.bytes),
      chain: { hashes: [{ seq: HEAD.headSeq, hash: toHex(HEAD.headHash) }], highestVaultMin: 3 },
      ...input,
    });
  };
}

function addVaults(topic: Topic): void {
  const alice = person("alice");
  const open = opener(topic);
  const items = sealedItems();
  const replaced = (item: number, sealed: Uint8Array) => items.map((one) => (one.item === item ? { ...one, sealed } : one));
  const sealedOf = (item: number) => items[item - 1]!.sealed;
  open("open", "ok", "a vault whose parts belong together");
  const next = withNextCard(alice, "alice 2");
  const both = sealedItems(contents([ownCard(alice), ownCard(next)]));
  open("pending-card", "ok", "a card that is not published yet lies beside the published one", { stored: both, manifest: toHex(manifestWith(both)) });
  open("next-card", "ok", "a continued card signs the manifest", { stored: both, manifest: toHex(manifestWith(both, {}, next)), publishedCard: toHex(next.card.bytes) });
  open("old-signer", "bad-sig", "the card before the published one signed the manifest", { stored: both, manifest: toHex(manifestWith(both)), publishedCard: toHex(next.card.bytes) });
  open("master-key", "bad-seal", "another master key", { masterKey: toHex(bytesFor("another master key")) });
  open("other-user", "bad-seal", "somebody else's vault", { userId: toHex(person("eve").userId) });
  open("forged", "bad-sig", "a manifest that somebody else signed", { manifest: toHex(manifestWith(items, {}, person("eve"))) });
  open("manifest-user", "bad-author", "a manifest for somebody else", { manifest: toHex(manifestWith(items, { userId: person("eve").userId })) });
  open("published-card", "bad-card", "a published card that is not the own", { publishedCard: toHex(person("eve").card.bytes) });
  open("published-next", "bad-card", "a continuation whose keys the vault does not hold", { publishedCard: toHex(next.card.bytes) });
  const eve = person("eve").seeds;
  for (const [id, change] of [["sign", { signSeed: eve.signSeed }], ["box", { boxSeed: eve.boxSeed }], ["kem", { kemSeed: eve.kemSeed }]] as const) {
    const twisted = sealedItems(contents([{ ...ownCard(alice), ...change }]));
    open(`other-${id}-seed`, "bad-card", `a ${id} seed that is not the published card's`, { stored: twisted, manifest: toHex(manifestWith(twisted)) });
  }
  open("swapped", "bad-vault", "two items in each other's place", { stored: replaced(2, sealedOf(3)).map((one) => (one.item === 3 ? { ...one, sealed: sealedOf(2) } : one)) });
  open("item-older", "bad-vault", "an older item 4 in the place of the newest", { stored: replaced(4, itemWith(alice.userId, 3, 4, contents()[3]!)) });
  open("item-foreign", "bad-vault", "item 2 of another vault", { stored: replaced(2, itemWith(alice.userId, 2, 2, contents()[2]!, bytesFor("another master key"))) });
  open("item-missing", "bad-vault", "an item is missing", { stored: items.slice(0, 3) });
  open("item-added", "bad-vault", "an item that the manifest does not name", { stored: [...items, { item: 5, itemVersion: 3, sealed: sealedOf(4) }] });
  open("item-twice", "bad-vault", "an item twice", { stored: [...items, items[3]!] });
  open("no-identity", "bad-vault", "no item 1", { stored: items.slice(1), manifest: toHex(manifestWith(items.slice(1))) });
  open("no-pending", "bad-vault", "no item 4, and none in the manifest", { stored: items.slice(0, 3), manifest: toHex(manifestWith(items.slice(0, 3))) });
  const later = [...items, { item: 5, itemVersion: 3, sealed: itemWith(alice.userId, 3, 5, encodeCbor({})) }];
  open("later-item", "unknown-version", "an item of a later version, which a save from here would drop", { stored: later, manifest: toHex(manifestWith(later)) });
  const moved = replaced(3, itemWith(alice.userId, 2, 3, contents()[3]!));
  open("item-moved", "bad-seal", "an item of an older version under a manifest that calls it new", { stored: moved, manifest: toHex(manifestWith(moved)) });
  const broken = sealedItems({ ...contents(), 3: encodeCbor({}) });
  open("order-signature-before-items", "bad-sig", "a forged manifest and an item too many: the signature is looked at first", {
    manifest: toHex(manifestWith(items, {}, person("eve"))),
    stored: [...items, items[3]!],
  });
  open("order-items-before-rollback", "bad-vault", "items swapped and rolled back: the items are looked at first", { stored: replaced(2, sealedOf(3)), lowestVersion: 4 });
  open("item-broken", "bad-cbor", "a well sealed item without its fields", { stored: broken, manifest: toHex(manifestWith(broken)) });
}

function addRollbacks(topic: Topic): void {
  const open = opener(topic);
  const at = (seq: number, hash = HEAD.headHash) => [{ seq, hash: toHex(hash) }];
  open("longer-chain", "ok", "the chain has gone on since", { chain: { hashes: [...at(9), ...at(10, bytesFor("later"))], highestVaultMin: 2 } });
  open("seen-before", "ok", "the very version that this device has seen", { lowestVersion: 3 });
  open("head-missing", "rolled-back", "the chain does not reach the vault's head: an older chain", { chain: { hashes: at(8), highestVaultMin: 3 } });
  open("head-other", "rolled-back", "another entry stands at the vault's head", { chain: { hashes: at(9, bytesFor("other")), highestVaultMin: 3 } });
  open("vault-min", "rolled-back", "an EPOCH demands a newer vault", { chain: { hashes: at(9), highestVaultMin: 4 } });
  open("lower-than-seen", "rolled-back", "this device has seen a newer version", { lowestVersion: 4 });
}
