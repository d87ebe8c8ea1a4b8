import {
  createManifest,
  manifestHashOf,
  openVault,
  openVaultItem,
  parseRecoveryCode,
  recoveryAuth,
  recoveryVerifierOf,
  unwrapWithPassword,
  unwrapWithRecoveryCode,
  verifyManifest,
} from "../../../src/crypto/index.ts";
import { sodium } from "../../../src/crypto/sodium.ts";
import { parseVaultFriends, parseVaultIdentity, parseVaultPending, parseVaultSettings, VaultItem } from "../../../src/protocol/index.ts";
import { fromHex, type Hex } from "../hex.ts";
import { ownerOf, type OwnerInput } from "./identity.ts";

interface WrapInput {
  userId: Hex;
  wrapVersion: number;
  wrap: Hex;
}

interface ManifestInput {
  userId: Hex;
  vaultVersion: number;
  previousManifestHash: Hex;
  headSeq: number;
  headHash: Hex;
  items: { item: number; itemVersion: number; itemHash: Hex }[];
}

interface VaultInput {
  masterKey: Hex;
  userId: Hex;
  manifest: Hex;
  items: { item: number; sealed: Hex }[];
  publishedCard: Hex;
  chain: { hashes: { seq: number; hash: Hex }[]; highestVaultMin: number };
  lowestVersion?: number;
}

const parsers = {
  [VaultItem.IDENTITY]: parseVaultIdentity,
  [VaultItem.FRIENDS]: parseVaultFriends,
  [VaultItem.SETTINGS]: parseVaultSettings,
  [VaultItem.PENDING]: parseVaultPending,
};

/** What PROTOCOL.md §6 defines. */
export const vault = {
  "unwrap-with-password": ({ exportKey, userId, wrapVersion, wrap }: WrapInput & { exportKey: Hex }) => ({
    masterKey: unwrapWithPassword(fromHex(exportKey), fromHex(userId), wrapVersion, fromHex(wrap)),
  }),

  "unwrap-with-recovery-code": ({ code, userId, wrapVersion, wrap }: WrapInput & { code: string }) => ({
    masterKey: unwrapWithRecoveryCode(parseRecoveryCode(code), fromHex(userId), wrapVersion, fromHex(wrap)),
  }),

  "parse-recovery-code": ({ code }: { code: string }) => {
    const rc = parseRecoveryCode(code);
    return { rc, auth: recoveryAuth(rc), verifier: recoveryVerifierOf(recoveryAuth(rc)) };
  },

  "parse-vault-item": ({ item, content }: { item: VaultItem; content: Hex }) => ({ value: parsers[item](fromHex(content)) }),

  "open-vault-item": (input: { masterKey: Hex; userId: Hex; itemVersion: number; item: number; sealed: Hex }) => {
    const { masterKey, userId, sealed, ...place } = input;
    return { content: openVaultItem({ ...place, masterKey: fromHex(masterKey), userId: fromHex(userId), sealed: fromHex(sealed) }) };
  },

  "create-manifest": ({ signSeed, userId, previousManifestHash, headHash, items, ...numbers }: ManifestInput & { signSeed: Hex }) => {
    const manifest = createManifest(sodium.crypto_sign_seed_keypair(fromHex(signSeed)).privateKey, {
      ...numbers,
      userId: fromHex(userId),
      previousManifestHash: fromHex(previousManifestHash),
      headHash: fromHex(headHash),
      items: items.map(({ itemHash, ...item }) => ({ ...item, itemHash: fromHex(itemHash) })),
    });
    return { manifest: manifest.bytes, manifestHash: manifestHashOf(manifest) };
  },

  "verify-manifest": ({ owner, manifest }: { owner: OwnerInput; manifest: Hex }) => {
    const verified = verifyManifest(ownerOf(owner), fromHex(manifest));
    return { vaultVersion: verified.vaultVersion, manifestHash: manifestHashOf(verified) };
  },

  "open-vault": ({ masterKey, userId, manifest, items, publishedCard, chain, lowestVersion }: VaultInput) => {
    const opened = openVault({
      masterKey: fromHex(masterKey),
      userId: fromHex(userId),
      stored: { manifest: fromHex(manifest), items: items.map(({ item, sealed }) => ({ item, sealed: fromHex(sealed) })) },
      publishedCard: fromHex(publishedCard),
      chain: {
        hashAt: (seq) => chain.hashes.filter((one) => one.seq === seq).map(({ hash }) => fromHex(hash))[0],
        highestVaultMin: chain.highestVaultMin,
      },
      ...(lowestVersion === undefined ? {} : { lowestVersion }),
    });
    return {
      vaultVersion: opened.manifest.vaultVersion,
      cardHash: opened.cardHash,
      friends: opened.friends.friends.map((friend) => friend.userId),
      newestEpoch: opened.settings.newestEpoch,
    };
  },
};
