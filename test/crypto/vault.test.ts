import { beforeAll, describe, expect, it } from "vitest";
import {
  createManifest,
  deriveKey,
  demandCurrentVault,
  generateMasterKey,
  manifestHashOf,
  openVault,
  openVaultItem,
  ready,
  seal,
  sealVaultItem,
  vaultItemHashOf,
  verifyManifest,
  type StoredVault,
} from "../../src/crypto/index.ts";
import { pad } from "../../src/crypto/secret/padding.ts";
import {
  concatBytes,
  encodeVaultFriends,
  encodeVaultIdentity,
  encodeVaultPending,
  encodeVaultSettings,
  MAX_VAULT_ITEM_BYTES,
  u32,
  u8,
  VaultItem,
  type ManifestFields,
  type VaultCard,
  type VaultIdentity,
} from "../../src/protocol/index.ts";
import { filled, withByte } from "./support/bytes.ts";
import { createPerson, withNextCard, type Person } from "./support/person.ts";
import { expectRefusal } from "./support/refusal.ts";
import { signManifest } from "./support/samples.ts";

beforeAll(ready);

const HEAD = { seq: 4, hash: filled(32, 4) };
const chain = { hashAt: (seq: number) => (seq === HEAD.seq ? HEAD.hash : undefined), highestVaultMin: 2 };

function cardOf(person: Person): VaultCard {
  return { ...person.seeds, cardVersion: person.card.cardVersion, createdMs: 1, card: person.card.bytes };
}

function contentsOf(identity: VaultIdentity): Map<number, Uint8Array> {
  return new Map([
    [VaultItem.IDENTITY, encodeVaultIdentity(identity)],
    [VaultItem.FRIENDS, encodeVaultFriends({ friends: [], ended: [filled(32, 1)] })],
    [
      VaultItem.SETTINGS,
      encodeVaultSettings({ relayReceiptKey: filled(32, 2), relayLoginKey: filled(32, 3), newestEpoch: { n: 0, key: filled(32, 4) } }),
    ],
    [VaultItem.PENDING, encodeVaultPending({ abandoned: [] })],
  ]);
}

/** A vault of version 3 as its owner would store it, and how to open it. */
function begin(change: { manifest?: Partial<ManifestFields>; identity?: VaultIdentity; signer?: Person } = {}) {
  const alice = createPerson();
  const masterKey = generateMasterKey();
  const { userId } = alice;
  const contents = contentsOf(change.identity ?? { cards: [cardOf(alice)] });
  const items = [...contents].map(([item, content], index) => {
    const itemVersion = [2, 1, 3, 3][index] ?? 3;
    const sealed = sealVaultItem({ masterKey, userId, itemVersion, item, content });
    return { item, itemVersion, itemHash: vaultItemHashOf(sealed), sealed };
  });
  const sign = (fields: Partial<ManifestFields>) =>
    createManifest((change.signer ?? alice).identity.sign.secretKey, {
      userId,
      vaultVersion: 3,
      previousManifestHash: filled(32, 7),
      headSeq: HEAD.seq,
      headHash: HEAD.hash,
      items: items.map(({ item, itemVersion, itemHash }) => ({ item, itemVersion, itemHash })),
      ...fields,
    }).bytes;
  const stored: StoredVault = {
    manifest: sign(change.manifest ?? {}),
    items: items.map(({ item, sealed }) => ({ item, sealed })),
  };
  const open = (overrides: Partial<Parameters<typeof openVault>[0]> = {}) =>
    openVault({ masterKey, userId, stored, publishedCard: alice.card.bytes, chain, ...overrides });
  return { alice, masterKey, userId, items, stored, sign, open };
}

describe("a vault", () => {
  it("brings everything back with the master key alone", () => {
    const { alice, open } = begin();
    const opened = open();
    expect(opened.identity).toStrictEqual(alice.identity);
    expect(opened.cardHash).toStrictEqual(alice.cardHash);
    expect(opened.cards).toStrictEqual({ cards: [cardOf(alice)] });
    expect(opened.friends).toStrictEqual({ friends: [], ended: [filled(32, 1)] });
    expect(opened.settings.newestEpoch).toStrictEqual({ n: 0, key: filled(32, 4) });
    expect(opened.pending).toStrictEqual({ abandoned: [] });
    expect(opened.manifest).toMatchObject({ vaultVersion: 3, headSeq: HEAD.seq });
  });

  it("opens while a new card is prepared, under the published one", () => {
    const alice = createPerson();
    const next = withNextCard(alice);
    const { masterKey, userId } = { masterKey: generateMasterKey(), userId: alice.userId };
    const items = [...contentsOf({ cards: [cardOf(alice), cardOf(next)] })].map(([item, content]) => ({
      item,
      sealed: sealVaultItem({ masterKey, userId, itemVersion: 2, item, content }),
    }));
    const list = items.map(({ item, sealed }) => ({ item, itemVersion: 2, itemHash: vaultItemHashOf(sealed) }));
    const open = (signer: Person, published: Person) => {
      const manifest = signManifest(signer, { headSeq: HEAD.seq, headHash: HEAD.hash, items: list });
      return openVault({ masterKey, userId, stored: { manifest, items }, publishedCard: published.card.bytes, chain });
    };
    expect(open(alice, alice).identity).toStrictEqual(alice.identity);
    expect(open(next, next).identity).toStrictEqual(next.identity);
    expectRefusal("bad-sig", () => open(alice, next));
  });
});

describe("opening a vault is refused", () => {
  it("with another master key", () => {
    const { open } = begin();
    expectRefusal("bad-seal", () => open({ masterKey: generateMasterKey() }));
  });

  it("when the published card is not one of the own", () => {
    const { alice, open } = begin();
    expectRefusal("bad-card", () => open({ publishedCard: createPerson().card.bytes }));
    expectRefusal("bad-card", () => open({ publishedCard: withNextCard(alice).card.bytes }));
  });

  it.each(["signSeed", "boxSeed", "kemSeed"] as const)("when the own %s does not make the published card", (seed) => {
    const alice = createPerson();
    const cards = [{ ...cardOf(alice), [seed]: createPerson().seeds[seed] }];
    const { open } = begin({ identity: { cards } });
    expectRefusal("bad-card", () => open({ publishedCard: alice.card.bytes }));
  });

  it("when somebody else signed the manifest, or it is somebody else's", () => {
    expectRefusal("bad-sig", () => begin({ signer: createPerson() }).open());
    expectRefusal("bad-author", () => begin({ manifest: { userId: filled(32, 1) } }).open());
    const { alice, stored } = begin();
    expect(verifyManifest(alice, stored.manifest).vaultVersion).toBe(3);
    expectRefusal("bad-author", () => verifyManifest({ ...alice, userId: filled(32, 1) }, stored.manifest));
    expectRefusal("bad-sig", () => verifyManifest({ ...alice, card: createPerson().card }, stored.manifest));
  });

  it("when an item is an older one, another one, missing or added", () => {
    const { masterKey, userId, stored, open } = begin();
    const [first, second, third, fourth] = stored.items as [StoredVault["items"][0], StoredVault["items"][0], StoredVault["items"][0], StoredVault["items"][0]];
    const with4 = (sealed: Uint8Array) => open({ stored: { ...stored, items: [first, second, third, { item: 4, sealed }] } });
    const content = encodeVaultPending({ abandoned: [filled(32, 1)] });
    expectRefusal("bad-vault", () => with4(sealVaultItem({ masterKey, userId, itemVersion: 3, item: 4, content })));
    expectRefusal("bad-vault", () => with4(third.sealed));
    expectRefusal("bad-vault", () => open({ stored: { ...stored, items: [first, second, third] } }));
    expectRefusal("bad-vault", () => open({ stored: { ...stored, items: [second, third, fourth] } }));
    expectRefusal("bad-vault", () => open({ stored: { ...stored, items: [first, second, third, third] } }));
    expectRefusal("bad-vault", () => open({ stored: { ...stored, items: [...stored.items, fourth] } }));
  });

  it("when the manifest does not name an item", () => {
    for (const missing of [0, 3]) {
      const { items, sign, stored, open } = begin();
      const manifest = sign({ items: items.filter((_, index) => index !== missing).map(({ item, itemVersion, itemHash }) => ({ item, itemVersion, itemHash })) });
      expectRefusal("bad-vault", () => open({ stored: { ...stored, manifest } }));
      const fewer = stored.items.filter((_, index) => index !== missing);
      expectRefusal("bad-vault", () => open({ stored: { manifest, items: fewer } }));
    }
  });

  it("when the manifest names an item that this build does not know", () => {
    const { items, sign, stored, open } = begin();
    const later = { item: 5, sealed: filled(400, 1) };
    const list = [...items, { ...later, itemVersion: 3, itemHash: vaultItemHashOf(later.sealed) }];
    const manifest = sign({ items: list.map(({ item, itemVersion, itemHash }) => ({ item, itemVersion, itemHash })) });
    expectRefusal("unknown-version", () => open({ stored: { manifest, items: [...stored.items, later] } }));
  });

  it("when the own chain does not hold the head that the manifest names", () => {
    expectRefusal("rolled-back", () => begin({ manifest: { headSeq: 5 } }).open());
    expectRefusal("rolled-back", () => begin({ manifest: { headHash: filled(32, 9) } }).open());
  });

  it("when an own epoch asks for a newer vault, or this device has seen one", () => {
    const { open } = begin();
    expect(open({ chain: { ...chain, highestVaultMin: 3 }, lowestVersion: 3 }).manifest.vaultVersion).toBe(3);
    expectRefusal("rolled-back", () => open({ chain: { ...chain, highestVaultMin: 4 } }));
    expectRefusal("rolled-back", () => open({ lowestVersion: 4 }));
  });

  it("by the roll-back rule alone, too", () => {
    const { manifest } = begin().open();
    demandCurrentVault(manifest, chain, 1);
    expectRefusal("rolled-back", () => demandCurrentVault(manifest, chain, 4));
  });
});

describe("an item", () => {
  it("belongs to its owner, its number and its version", () => {
    const masterKey = generateMasterKey();
    const place = { userId: filled(32, 1), itemVersion: 2, item: 3 };
    const content = filled(10, 1);
    const sealed = sealVaultItem({ masterKey, ...place, content });
    expect(openVaultItem({ masterKey, ...place, sealed })).toStrictEqual(content);
    for (const change of [{ userId: filled(32, 2) }, { itemVersion: 3 }, { item: 2 }, { masterKey: generateMasterKey() }]) {
      expectRefusal("bad-seal", () => openVaultItem({ masterKey, ...place, sealed, ...change }));
    }
  });

  it("has the layout of the protocol", () => {
    const masterKey = generateMasterKey();
    const place = { userId: filled(32, 1), itemVersion: 2, item: 3 };
    const key = deriveKey(masterKey, "vault-item", u8(3));
    const sealed = seal(key, "vault", concatBytes(place.userId, u32(2), u8(3)), pad(filled(10, 1)));
    expect(openVaultItem({ masterKey, ...place, sealed })).toStrictEqual(filled(10, 1));
  });

  it("shows its length in buckets only, and holds 1 MiB at most", () => {
    const base = { masterKey: generateMasterKey(), userId: filled(32, 1), itemVersion: 2, item: 3 };
    expect(sealVaultItem({ ...base, content: filled(10, 1) })).toHaveLength(73 + 256);
    const longest = sealVaultItem({ ...base, content: filled(15 * 65_536 - 1, 1) });
    expect(longest.length).toBeLessThanOrEqual(MAX_VAULT_ITEM_BYTES);
    expectRefusal("bad-length", () => sealVaultItem({ ...base, content: filled(15 * 65_536, 1) }));
    expectRefusal("bad-length", () => openVaultItem({ ...base, sealed: filled(MAX_VAULT_ITEM_BYTES + 1, 1) }));
    expectRefusal("bad-seal", () => openVaultItem({ ...base, sealed: filled(MAX_VAULT_ITEM_BYTES, 1) }));
  });
});

describe("a manifest", () => {
  it("names the one before it by all of its bytes", () => {
    const { bytes } = begin().open().manifest;
    const other = withByte(bytes, bytes.length - 1);
    expect(manifestHashOf({ bytes })).not.toStrictEqual(manifestHashOf({ bytes: other }));
  });

  it("is not made when it contradicts itself", () => {
    expectRefusal("bad-manifest", () => signManifest(createPerson(), { vaultVersion: 0 }));
  });

  it("is refused with any byte changed", () => {
    const { alice, stored } = begin();
    for (let index = 0; index < stored.manifest.length; index += 1) {
      expect(() => verifyManifest(alice, withByte(stored.manifest, index))).toThrow(/^(unknown-version|bad-)/);
    }
    expectRefusal("bad-length", () => verifyManifest(alice, concatBytes(stored.manifest, filled(1, 0))));
  });
});
