import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import { deriveKey, generateIdentitySeeds, type IdentitySeeds } from "../../src/crypto/index.ts";
import { sign } from "../../src/crypto/sign.ts";
import { seal } from "../../src/crypto/secret/seal.ts";
import { concatBytes, encodeBase64url, HASH_BYTES, u32, u8, type ManifestFields } from "../../src/protocol/index.ts";
import type { Account } from "../../src/client/index.ts";
import type { Json } from "../support/graphql.ts";
import { createStage } from "./harness/attack.ts";
import type { Scene } from "./harness/scene.ts";
import { share } from "./harness/share.ts";
import { shownVault, type StolenItem, Victim } from "./harness/thief.ts";

// A thief who has had an unlocked device can seal and sign any vault, and a relay that helps shows it: whatever contradicts
// itself is refused, before anything of it is used.
const attack = createStage();

const cast = share((scene) => Victim.meet(scene));

type Stolen = ReturnType<Victim["vault"]>;

const FRIEND: Json = { userId: Buffer.alloc(32, 1), cardHash: Buffer.alloc(32, 2), verified: false, kind: 1, state: "PENDING_OUT", fid: Buffer.alloc(32, 3) };

/** The friends of the vault with one more, of whom something is not as it may be. */
const withFriend = (change: Json) => (victim: Victim): Stolen => victim.vault({ contents: { 2: { friends: [plain({ ...FRIEND, ...change })], ended: [] } } });

/** CBOR knows plain bytes alone. */
function plain(fields: Json): Json {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value instanceof Uint8Array ? new Uint8Array(value) : value]));
}

const withManifest = (manifest: Partial<ManifestFields>, items?: (sealed: StolenItem[]) => StolenItem[]) => (victim: Victim): Stolen => victim.vault({ manifest, ...(items && { items }) });

const withItem = (item: number, make: (victim: Victim) => StolenItem) => (victim: Victim): Stolen =>
  victim.vault({ items: (sealed) => sealed.map((one) => (one.item === item ? make(victim) : one)) });

/** The signature holds, although a byte stands between what it is over and the end: it begins with that byte. */
function withByteBehind(victim: Victim): Stolen {
  const { items } = victim.vault();
  for (;;) {
    const body = victim.manifestBody(items, { previousManifestHash: randomBytes(HASH_BYTES) });
    const guess = randomBytes(1);
    const signature = sign(victim.member.identity.sign.secretKey, "vault", concatBytes(body, guess));
    if (signature[0] === guess[0]) return { items, manifest: concatBytes(body, signature, u8(0)) };
  }
}

const vaults: [name: string, refusal: string, seal: (victim: Victim) => Stolen][] = [
  ["a manifest with a byte behind its signature", "bad-length", withByteBehind],
  ["a manifest of version 0, with nothing in it", "bad-manifest", (victim) => ({ items: [], manifest: victim.signManifest([], { vaultVersion: 0 }) })],
  ["a manifest whose items stand in another order", "bad-manifest", withManifest({}, ([one, two, ...rest]) => [two, one, ...rest] as StolenItem[])],
  ["an item that no version wrote", "bad-manifest", withItem(4, (victim) => victim.seal(4, victim.contents[4], 0))],
  ["an item of a version to come", "bad-manifest", withItem(4, (victim) => victim.seal(4, victim.contents[4], 3))],
  ["a fifth item, which a later program wrote", "unknown-version", withManifest({}, (sealed) => [...sealed, { ...sealed[3]!, item: 5 }])],
  ["a friend in an unknown state", "bad-cbor", withFriend({ state: "ENEMY" })],
  ["a friend with an unknown kind of grant", "bad-cbor", withFriend({ kind: 9 })],
  ["a friend who was verified with half a card hash", "bad-cbor", withFriend({ verifiedCard: Buffer.alloc(16) })],
  ["a friend whose history waits for a number", "bad-cbor", withFriend({ historyWhenVerified: 1 })],
  ["a friend whose first epoch is a text", "bad-cbor", withFriend({ firstEpoch: "0" })],
  ["a request that ended before all time", "bad-cbor", withFriend({ expiresMs: -1 })],
  ["a friend who is verified by a number", "bad-cbor", withFriend({ verified: 1 })],
  ["a setting that is neither yes nor no", "bad-cbor", (victim) => victim.vault({ contents: { 3: { ...victim.contents[3], historyAfterVerification: 1 } } })],
  ["an item that is larger than any may be", "bad-length", withItem(4, (victim) => victim.sealBadly(4, { padded: paddedTo(1_048_576) }))],
  ["an item outside of all buckets", "bad-padding", withItem(4, (victim) => victim.sealBadly(4, { padded: paddedTo(300) }))],
  ["an item under a key for no item", "bad-seal", withItem(4, (victim) => victim.sealBadly(4, { key: deriveKey(victim.member.masterKey, "vault-item") }))],
  ["an item that was sealed for no place", "bad-seal", withItem(4, (victim) => victim.sealBadly(4, { place: new Uint8Array() }))],
];

/** As PROTOCOL.md §1 pads, to any length. */
function paddedTo(length: number): (content: Uint8Array) => Uint8Array {
  return (content) => concatBytes(content, u8(0x80), new Uint8Array(length - content.length - 1));
}

const asAccount = ({ username, member }: Victim): Account => ({ username, userId: member.userId }) as Account;

const opensHonestly = (scene: Scene, victim: Victim): Promise<void> =>
  scene.honest(async () => expect((await scene.login(asAccount(victim))).friends.list()).toEqual([]));

for (const [name, refusal, make] of vaults) {
  attack(name, { refusal: `VAULT_BROKEN: ${refusal}` }, async (scene) => {
    const victim = await cast.meet(scene);
    scene.lies.rewrite("Vault", () => ({ vault: shownVault(make(victim)) }));
    await scene.refused(scene.login(asAccount(victim)));
    await opensHonestly(scene, victim);
  });
}

/** The seeds of the own card, of which one is another's; or another card. */
const identities: [name: string, change: (cards: Json[]) => Json[]][] = [
  ["a vault whose signing key is not that of its card", withSeed("signSeed")],
  ["a vault whose box key is not that of its card", withSeed("boxSeed")],
  ["a vault whose ML-KEM key is not that of its card", withSeed("kemSeed")],
  ["a vault without the card that is published", () => []],
];

function withSeed(name: keyof IdentitySeeds): (cards: Json[]) => Json[] {
  return ([own]) => [{ ...own, [name]: generateIdentitySeeds()[name] }];
}

for (const [name, change] of identities) {
  attack(name, { refusal: "OWN_CARD_MISMATCH: bad-card" }, async (scene) => {
    const victim = await cast.meet(scene);
    scene.lies.rewrite("Vault", () => ({ vault: shownVault(victim.vault({ contents: { 1: { cards: change(victim.contents[1].cards) } } })) }));
    await scene.refused(scene.login(asAccount(victim)));
    await opensHonestly(scene, victim);
  });
}

/** What a manifest claims about the own chain to a device that is signed in already. */
const heads: [name: string, head: Partial<ManifestFields>][] = [
  ["a newer vault that names a place which the own chain does not reach", { headSeq: 9 }],
  ["a newer vault that names another entry of the own chain", { headHash: new Uint8Array(HASH_BYTES).fill(9) }],
];

for (const [name, head] of heads) {
  attack(name, { refusal: "VAULT_BROKEN: rolled-back" }, async (scene) => {
    const [victim, bob] = [await cast.meet(scene), await scene.register("bob")];
    const device = await scene.login(asAccount(victim));
    // Sealed once, and one version above the stored one: two vaults of one version would be refused for that.
    let newer: Json;
    scene.lies.rewrite("Vault", ({ vault }) => ({ vault: newer ??= shownVault(victim.vault({ manifest: { vaultVersion: vault.version + 1, ...head } })) }));
    let isStale = true;
    scene.lies.invent("SaveVault", ({ variables }) => {
      const { expectedVersion } = (variables as { input: { expectedVersion: number } }).input;
      const answer = isStale ? { __typename: "VaultStale", version: expectedVersion + 1, code: "VAULT_STALE", message: "" } : { __typename: "VaultSaved", version: expectedVersion + 1 };
      isStale = false;
      return { saveVault: answer };
    });
    await scene.refused(device.friends.request(bob.username));
    expect(await scene.nothingSent("RequestFriendship")).toBe("NOTHING_SENT");
    await opensHonestly(scene, victim);
  });
}

/** What the wrap of the master key is sealed for, if not for its user, the password and its version. */
const wraps: [name: string, place: (userId: Uint8Array) => Uint8Array][] = [
  ["a wrap that is for nobody, no way and no version", () => new Uint8Array()],
  ["a wrap that does not say whether password or code opens it", (userId) => concatBytes(userId, u32(1))],
];

for (const [name, place] of wraps) {
  attack(name, { refusal: "VAULT_BROKEN: bad-seal" }, async (scene) => {
    const victim = await cast.meet(scene);
    const { masterKey, userId } = victim.member;
    const wrap = seal(deriveKey(victim.exportKey, "wrap-pw"), "wrap", place(userId), masterKey);
    scene.lies.rewrite("FinishLogin", ({ finishLogin }) => void (finishLogin.passwordWrap = encodeBase64url(wrap)));
    await scene.refused(scene.login(asAccount(victim)));
    await opensHonestly(scene, victim);
  });
}
