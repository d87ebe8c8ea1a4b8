import { createManifest, manifestHashOf, openVault, sealVaultItem, vaultItemHashOf, type OpenedVault, type StoredVault } from "../crypto/index.ts";
import {
  encodeBase64url,
  encodeVaultFriends,
  encodeVaultIdentity,
  encodeVaultPending,
  encodeVaultSettings,
  equalBytes,
  HASH_BYTES,
  parseBase64url,
  parseManifest,
  ProtocolError,
  VaultItem,
  type ChainPosition,
  type Manifest,
  type ManifestItem,
  type UserId,
  type VaultFriends,
  type VaultIdentity,
  type VaultPending,
  type VaultSettings,
} from "../protocol/index.ts";
import { AuthorLog } from "./author-log.ts";
import { ClientError, expectResult } from "./errors.ts";
import { SaveVaultDocument, VaultDocument, type VaultInput } from "./generated/graphql.ts";
import { Mutex } from "./mutex.ts";
import type { Transport } from "./ports.ts";
import type { ReceiptBook } from "./receipt-book.ts";
import type { VerifiedUser } from "./verified-user.ts";

/** What the vault holds, opened (PROTOCOL.md §6). */
export interface VaultContent {
  identity: VaultIdentity;
  friends: VaultFriends;
  settings: VaultSettings;
  pending: VaultPending;
}

/** Whose vault it is, and what opens and signs it. */
export interface VaultOwner {
  userId: UserId;
  masterKey: Uint8Array;
  signSecretKey: Uint8Array;
  publishedCard: Uint8Array;
}

/** A vault sealed anew for other keys, not stored yet. */
export interface ResealedVault {
  owner: VaultOwner;
  content: VaultContent;
  input: VaultInput;
}

/** Told before the relay is blamed for a vault that does not open: throws when another program of the device has replaced this master key. */
type DemandSameKeys = (masterKey: Uint8Array) => Promise<void>;

const MAX_TRIES = 8;

/** The own vault: opened in memory, saved by compare-and-swap. Every change is made on a copy and kept only once it is stored. */
export class VaultStore {
  readonly #transport: Transport;
  #owner: VaultOwner;
  readonly #log: AuthorLog;
  readonly #mutex = new Mutex();
  readonly #demandSameKeys: DemandSameKeys;
  #opened: OpenedVault;
  #content: VaultContent;

  private constructor(transport: Transport, owner: VaultOwner, log: AuthorLog, opened: OpenedVault, demandSameKeys: DemandSameKeys) {
    this.#transport = transport;
    this.#demandSameKeys = demandSameKeys;
    this.#owner = owner;
    this.#log = log;
    this.#opened = opened;
    this.#content = contentOf(opened);
  }

  /**
   * Fetches the vault and the own chain and opens them against each other, in the order of PROTOCOL.md §6 "Opening". The
   * card that the relay publishes has to be one whose keys the vault holds.
   * Throws ClientError VAULT_BROKEN, OWN_CARD_MISMATCH or OWN_CHAIN_MISMATCH: all of them are hard stops.
   */
  static async open(
    transport: Transport,
    masterKey: Uint8Array,
    published: VerifiedUser,
    receipts: ReceiptBook,
    demandSameKeys: DemandSameKeys = async () => undefined,
  ): Promise<{ vault: VaultStore; log: AuthorLog; opened: OpenedVault }> {
    return askAgainIfOlder(() => VaultStore.#open(transport, masterKey, published, receipts, demandSameKeys));
  }

  static async #open(
    ...[transport, masterKey, published, receipts, demandSameKeys]: [Transport, Uint8Array, VerifiedUser, ReceiptBook, DemandSameKeys]
  ): Promise<{ vault: VaultStore; log: AuthorLog; opened: OpenedVault }> {
    const { userId } = published;
    const stored = await fetchVault(transport);
    const log = await openOwnLog(transport, userId, stored, receipts);
    const opened = openAgainst(log, { masterKey, userId, stored, publishedCard: published.card.bytes });
    receipts.pin(opened.settings.relayReceiptKey);
    const signSecretKey = opened.identity.sign.secretKey;
    const owner = { userId, masterKey, signSecretKey, publishedCard: published.card.bytes };
    return { vault: new VaultStore(transport, owner, log, opened, demandSameKeys), log, opened };
  }

  get content(): VaultContent {
    return this.#content;
  }

  get version(): number {
    return this.#opened.manifest.vaultVersion;
  }

  /** What opens its items. */
  get masterKey(): Uint8Array {
    return this.#owner.masterKey;
  }

  /**
   * Applies a change to a copy of the newest content and saves it; loads and applies again when another device was
   * faster. A change that answers false saves nothing. Throws ClientError CONFLICT, VAULT_BROKEN.
   */
  update(change: (content: VaultContent) => boolean | undefined | void): Promise<VaultContent> {
    return this.#mutex.run(async () => {
      for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
        const next = structuredClone(this.#content);
        if (change(next) === false) return this.#content;
        if (await this.#save(next)) return this.#content;
        await this.#reload();
      }
      throw new ClientError("CONFLICT", "Other devices kept saving the vault. Try again.");
    });
  }

  /** Loads what another device may have saved. */
  reload(): Promise<VaultContent> {
    return this.#mutex.run(() => this.#reload());
  }

  /** Seals every item for other keys, as the version that follows; its manifest is signed with the new card. */
  reseal(owner: VaultOwner, content: VaultContent): ResealedVault {
    const vaultVersion = this.version + 1;
    const changed = sealChanged(owner, vaultVersion, undefined, content);
    const input = signVault(owner, { vaultVersion, head: this.#log.position, kept: [], changed, previous: this.#opened.manifest });
    return { owner, content, input };
  }

  /** Goes on under the other keys once `store` has stored the resealed vault; nothing else is saved meanwhile. */
  moveTo<T>({ owner, content, input }: ResealedVault, store: () => Promise<T>): Promise<T> {
    return this.#mutex.run(async () => {
      const answer = await store();
      this.#owner = owner;
      this.#opened = { ...this.#opened, manifest: parseManifest(parseBase64url(input.manifest)) };
      this.#content = content;
      return answer;
    });
  }

  async #reload(): Promise<VaultContent> {
    try {
      return await askAgainIfOlder(() => this.#load());
    } catch (error) {
      await this.#demandSameKeys(this.masterKey);
      throw error;
    }
  }

  async #load(): Promise<VaultContent> {
    const stored = await fetchVault(this.#transport);
    if (claimedHead(stored).seq > this.#log.state.seq) await this.#log.catchUp();
    const { userId, masterKey, publishedCard } = this.#owner;
    const opened = openAgainst(this.#log, { masterKey, userId, stored, publishedCard, lowestVersion: this.version });
    const isOther = opened.manifest.vaultVersion === this.version && !equalBytes(opened.manifest.bytes, this.#opened.manifest.bytes);
    if (isOther) throw broken(new ProtocolError("rolled-back", "two vaults of one version"));
    this.#opened = opened;
    this.#content = contentOf(opened);
    return this.#content;
  }

  async #save(next: VaultContent): Promise<boolean> {
    const vaultVersion = this.version + 1;
    const changed = sealChanged(this.#owner, vaultVersion, this.#content, next);
    if (changed.length === 0) return true;
    const previous = this.#opened.manifest;
    const kept = previous.items.filter(({ item }) => !changed.some((other) => other.item === item));
    const vault = signVault(this.#owner, { vaultVersion, head: this.#log.position, kept, changed, previous });
    const { saveVault } = await this.#transport.execute(SaveVaultDocument, { input: { expectedVersion: this.version, vault } });
    if (saveVault.__typename === "VaultStale") return false;
    expectResult(saveVault, "VaultSaved");
    this.#opened = { ...this.#opened, manifest: parseManifest(parseBase64url(vault.manifest)) };
    this.#content = next;
    return true;
  }
}

/** A new user's first vault, pinned to the first EPOCH. */
export function createFirstVault(owner: VaultOwner, content: VaultContent, head: ChainPosition): VaultInput {
  const changed = sealChanged(owner, 1, undefined, content);
  return signVault(owner, { vaultVersion: 1, head, kept: [], changed });
}

interface SealedItem extends ManifestItem {
  sealed: Uint8Array;
}

const CODECS = [
  { item: VaultItem.IDENTITY, encode: (content: VaultContent) => encodeVaultIdentity(content.identity) },
  { item: VaultItem.FRIENDS, encode: (content: VaultContent) => encodeVaultFriends(content.friends) },
  { item: VaultItem.SETTINGS, encode: (content: VaultContent) => encodeVaultSettings(content.settings) },
  { item: VaultItem.PENDING, encode: (content: VaultContent) => encodeVaultPending(content.pending) },
] as const;

function sealChanged(owner: VaultOwner, itemVersion: number, before: VaultContent | undefined, after: VaultContent): SealedItem[] {
  return CODECS.flatMap(({ item, encode }) => {
    const bytes = encode(after);
    if (before !== undefined && equalBytes(bytes, encode(before))) return [];
    const sealed = sealVaultItem({ masterKey: owner.masterKey, userId: owner.userId, itemVersion, item, content: bytes });
    return [{ item, itemVersion, itemHash: vaultItemHashOf(sealed), sealed }];
  });
}

function signVault(
  { userId, signSecretKey }: VaultOwner,
  parts: { vaultVersion: number; head: ChainPosition; kept: ManifestItem[]; changed: SealedItem[]; previous?: Manifest },
): VaultInput {
  const { vaultVersion, head, kept, changed, previous } = parts;
  const listed = changed.map(({ item, itemVersion, itemHash }) => ({ item, itemVersion, itemHash }));
  const items = [...kept, ...listed].sort((a, b) => a.item - b.item);
  const previousManifestHash = previous === undefined ? new Uint8Array(HASH_BYTES) : manifestHashOf(previous);
  const fields = { userId, vaultVersion, previousManifestHash, headSeq: head.seq, headHash: head.hash, items };
  return {
    manifest: encodeBase64url(createManifest(signSecretKey, fields).bytes),
    items: changed.map(({ item, itemVersion, sealed }) => ({ item, itemVersion, sealed: encodeBase64url(sealed) })),
  };
}

async function fetchVault(transport: Transport): Promise<StoredVault> {
  const { vault } = await transport.execute(VaultDocument, {});
  try {
    return {
      manifest: parseBase64url(vault.manifest),
      items: vault.items.map(({ item, sealed }) => ({ item, sealed: parseBase64url(sealed) })),
    };
  } catch (cause) {
    throw broken(cause);
  }
}

// Not verified yet: it says where in the own chain to look, and the chain has to agree.
function claimedHead(stored: StoredVault): ChainPosition {
  try {
    const { headSeq, headHash } = parseManifest(stored.manifest);
    return { seq: headSeq, hash: headHash };
  } catch (cause) {
    throw broken(cause);
  }
}

async function openOwnLog(transport: Transport, userId: UserId, stored: StoredVault, receipts: ReceiptBook): Promise<AuthorLog> {
  try {
    return await AuthorLog.open(transport, receipts, userId, claimedHead(stored));
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    throw new ClientError("OWN_CHAIN_MISMATCH", "The relay hands out a chain for you that your vault contradicts. Nothing was changed; stop using this relay.", { cause });
  }
}

function openAgainst(log: AuthorLog, vault: Omit<Parameters<typeof openVault>[0], "chain">): OpenedVault {
  const hashAt = (seq: number): Uint8Array | undefined => log.at(seq)?.hash;
  const highestVaultMin = Math.max(...log.outline.epochs.map(({ payload }) => payload.vaultMin));
  try {
    return openVault({ ...vault, chain: { hashAt, highestVaultMin } });
  } catch (cause) {
    if (cause instanceof ProtocolError && cause.code === "bad-card") {
      throw new ClientError("OWN_CARD_MISMATCH", "The relay publishes an identity card under your name that is not yours. Stop using this relay and tell your friends.", { cause });
    }
    throw broken(cause);
  }
}

// Another device may save its vault and begin an epoch in it after the vault and before the chain was asked for: then the
// vault is newer when it is asked for again. One that the relay rolled back is not.
async function askAgainIfOlder<T>(open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    const isOlder = error instanceof ClientError && error.cause instanceof ProtocolError && error.cause.code === "rolled-back";
    if (!isOlder) throw error;
    return open();
  }
}

function contentOf({ cards, friends, settings, pending }: OpenedVault): VaultContent {
  return { identity: cards, friends, settings, pending };
}

function broken(cause: unknown): ClientError {
  return new ClientError("VAULT_BROKEN", "The vault that the relay hands out does not open or is older than it was. Nothing was changed; stop using this relay.", { cause });
}
