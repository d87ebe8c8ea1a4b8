import { deriveKey, finishLogin, manifestHashOf, sealVaultItem, startLogin, vaultItemHashOf } from "../../../src/crypto/index.ts";
import { pad } from "../../../src/crypto/secret/padding.ts";
import { seal } from "../../../src/crypto/secret/seal.ts";
import { sign } from "../../../src/crypto/sign.ts";
import { concatBytes, encodeBase64url, encodeCbor, encodeManifest, parseBase64url, parseManifest, u32, u8, type ManifestFields } from "../../../src/protocol/index.ts";
import { ask, type Json } from "../../support/graphql.ts";
import { type Member, succeed, toJson } from "../../support/member.ts";
import type { Scene } from "./scene.ts";

/** What a vault holds, by the numbers of its items, before it is encoded. */
export type Contents = Record<number, Json>;

/** An item as a thief seals it. */
export interface StolenItem {
  item: number;
  itemVersion: number;
  sealed: Uint8Array;
}

/** Somebody whose unlocked device was stolen: the thief has the master key, the keys of the card and the password. */
export class Victim {
  readonly member: Member;
  readonly username: string;
  readonly exportKey: Uint8Array;
  readonly contents: Contents;

  private constructor(member: Member, exportKey: Uint8Array, contents: Contents) {
    this.member = member;
    this.username = member.username;
    this.exportKey = exportKey;
    this.contents = contents;
  }

  /** Somebody new, whose vault of version 2 opens. */
  static async meet(scene: Scene): Promise<Victim> {
    const { stage } = scene;
    const member = await scene.accomplice();
    stage.passwords.set(member.username, member.password);
    const { exportKey, relayLoginKey } = await opaqueKeysOf(scene, member);
    const { seeds, card, epochKey } = member;
    const victim = new Victim(member, exportKey, {
      1: { cards: [{ cardVersion: 1, createdMs: card.createdMs, ...seeds, card: card.bytes }] },
      2: { friends: [], ended: [] },
      3: { relayReceiptKey: stage.receiptKey.publicKey, relayLoginKey, newestEpoch: { n: 0, key: epochKey } },
      4: { abandoned: [] },
    });
    const { data } = await ask(stage.relay, { query: "{ vault { manifest } }", token: member.token });
    const previousManifestHash = manifestHashOf(parseManifest(parseBase64url(data.vault.manifest)));
    const vault = victim.vault({ manifest: { previousManifestHash } });
    await succeed(stage.relay, "saveVault", { expectedVersion: 1, vault: toJson(vault) }, member.token);
    return victim;
  }

  /** A vault as the thief seals and signs it: by default of version 2, with the contents of the true one. */
  vault({ contents = {}, items = (sealed) => sealed, manifest = {} }: { contents?: Contents; items?: (sealed: StolenItem[]) => StolenItem[]; manifest?: Partial<ManifestFields> } = {}): { manifest: Uint8Array; items: StolenItem[] } {
    const all = { ...this.contents, ...contents };
    const sealed = items(Object.entries(all).map(([item, content]) => this.seal(Number(item), content, manifest.vaultVersion ?? 2)));
    return { manifest: this.signManifest(sealed, manifest), items: sealed };
  }

  /** An item with any content. */
  seal(item: number, content: Json, itemVersion = 2): StolenItem {
    const { masterKey, userId } = this.member;
    return { item, itemVersion, sealed: sealVaultItem({ masterKey, userId, itemVersion, item, content: encodeCbor(content) }) };
  }

  /** An item under any key, for any place, and padded in any way. */
  sealBadly(item: number, { key, place, padded = pad }: { key?: Uint8Array; place?: Uint8Array; padded?: (content: Uint8Array) => Uint8Array }): StolenItem {
    const { masterKey, userId } = this.member;
    const itemKey = key ?? deriveKey(masterKey, "vault-item", u8(item));
    const ad = place ?? concatBytes(userId, u32(2), u8(item));
    return { item, itemVersion: 2, sealed: seal(itemKey, "vault", ad, padded(encodeCbor(this.contents[item]))) };
  }

  /** The signed manifest of these items, whatever it says. */
  signManifest(items: StolenItem[], change: Partial<ManifestFields>): Uint8Array {
    return this.signBody(this.manifestBody(items, change));
  }

  manifestBody(items: StolenItem[], change: Partial<ManifestFields> = {}): Uint8Array {
    const { userId, hand } = this.member;
    const listed = items.map(({ item, itemVersion, sealed }) => ({ item, itemVersion, itemHash: vaultItemHashOf(sealed) }));
    return encodeManifest({ userId, vaultVersion: 2, previousManifestHash: new Uint8Array(32).fill(1), headSeq: hand.head.seq, headHash: hand.head.hash, items: listed, ...change });
  }

  signBody(body: Uint8Array): Uint8Array {
    return concatBytes(body, sign(this.member.identity.sign.secretKey, "vault", body));
  }
}

/** The vault as the relay hands it out. */
export function shownVault({ manifest, items }: { manifest: Uint8Array; items: StolenItem[] }): Json {
  return { manifest: encodeBase64url(manifest), items: items.map(({ item, itemVersion, sealed }) => ({ item, itemVersion, sealed: encodeBase64url(sealed) })) };
}

async function opaqueKeysOf({ stage }: Scene, { username, password }: Member): Promise<{ exportKey: Uint8Array; relayLoginKey: Uint8Array }> {
  const { state, request } = startLogin(password);
  const { loginResponse } = await succeed(stage.relay, "startLogin", { username, loginRequest: request });
  return finishLogin({ state, password, response: loginResponse }, { unsafeKeyStretching: true });
}
