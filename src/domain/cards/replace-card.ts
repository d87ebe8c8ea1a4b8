import { type Card, type Entry, EntryType, parseCard, type UserId } from "../../protocol/index.ts";
import { appendEntries, type Appended, type AppendTools, findStored, parseEntries } from "../chain/append-entries.ts";
import { storeRotation } from "../chain/store-rotation.ts";
import { DomainError } from "../domain-error.ts";
import { logNewCards } from "../key-log/append-to-key-log.ts";
import type { DomainLimits } from "../limits.ts";
import { type EntryRecord, MAX_CARDS, type PasswordVerifier, type Repositories } from "../ports/index.ts";
import { refusing } from "../protocol-refusal.ts";
import { endOtherSessions, type SessionsEndedEvent } from "../sessions/end-sessions.ts";
import { takeProof } from "../sessions/take-proof.ts";
import { type FirstCredentialsInput, replaceCredentials, wrapStale } from "../users/credentials.ts";
import { getStoredManifest, storeVault, vaultStale } from "../vault/store-vault.ts";
import { parseClaimedManifest, type VaultInput } from "../vault/verify-vault.ts";
import type { Viewer } from "../viewer.ts";

/** A new card, and everything that is sealed under what it replaces. */
export interface CardChangeInput {
  /** The proof of the present password. */
  loginId: Uint8Array;
  loginFinish: Uint8Array;
  /** A HEAL if one is due, the CARD, its EPOCH. */
  entries: Uint8Array[];
  grants: Uint8Array[];
  vault: VaultInput;
  credentials: FirstCredentialsInput;
  wrapVersion: number;
}

type CardChange = Omit<CardChangeInput, "entries"> & { entries: Entry[] };
type Tools = AppendTools & { passwords: PasswordVerifier; limits: DomainLimits };

/** Undefined for a change that came again: it ended the other sessions the first time. */
type Replaced = { appended: Appended; ended: SessionsEndedEvent | undefined };

/** Parses the entries of a card change. @throws DomainError as parseEntries; ENTRY_INVALID unless they are CARD and EPOCH, behind a HEAL at most */
export function parseCardChange(viewer: Viewer, bytes: Uint8Array[]): Entry[] {
  const entries = parseEntries(viewer.userId, bytes.slice(0, 4), [EntryType.HEAL, EntryType.CARD, EntryType.EPOCH]);
  const order = entries.map(({ type }) => type).join(" ");
  const lawful = [[EntryType.CARD, EntryType.EPOCH], [EntryType.HEAL, EntryType.CARD, EntryType.EPOCH]];
  if (lawful.some((types) => types.join(" ") === order)) return entries;
  throw new DomainError("ENTRY_INVALID", "A new card comes with its epoch, behind a HEAL if one is due: send no other entries.");
}

/** In a transaction. The user's row is locked first, so that the vault, the credentials and the card stay as they are checked. */
export async function replaceCard(repositories: Repositories, tools: Tools, viewer: Viewer, change: CardChange): Promise<Replaced> {
  const { userId } = viewer;
  await repositories.users.lock([userId]);
  const [chain] = await repositories.chains.lock(userId);
  const stored = await findAll(repositories, change.entries);
  const card = claimedCard(change.entries);
  if (stored) return { appended: { entries: stored, added: [], chain, card }, ended: undefined };

  await demandProof(repositories, tools, viewer, change);
  await replaceVault(repositories, { userId, card }, change.vault);
  // The epoch names the vault that this mutation stores: an older one is known for what it is from here on.
  const appended = await appendEntries(repositories, tools, chain, change.entries);
  await storeRotation(repositories, appended, change.grants, tools.limits);
  await replaceAllCredentials(repositories, userId, change);
  const ended = await endOtherSessions(repositories, viewer);
  await logNewCards(repositories, userId, appended.added);
  return { appended, ended };
}

async function findAll(repositories: Repositories, entries: Entry[]): Promise<EntryRecord[] | undefined> {
  const stored: EntryRecord[] = [];
  for (const entry of entries) {
    const known = await findStored(repositories, entry);
    if (!known) return undefined;
    stored.push(known);
  }
  return stored;
}

/** The card of the CARD entry: verified when the entry is appended, in the same transaction. */
function claimedCard(entries: Entry[]): Card {
  const entry = entries.find(({ type }) => type === EntryType.CARD);
  if (!entry) throw new Error("a card change without a CARD");
  const card = refusing(() => parseCard(entry.payload), { "bad-card": "ENTRY_INVALID" });
  if (card.cardVersion <= MAX_CARDS) return card;
  throw new DomainError("SIZE_EXCEEDED", `A user has at most ${MAX_CARDS} identity cards: register as a new user.`);
}

async function demandProof({ sessions }: Repositories, { passwords, clock }: Tools, { userId }: Viewer, change: CardChange): Promise<void> {
  const proven = await takeProof({ sessions, passwords, clock }, change, userId);
  if (proven.wrapVersion !== change.wrapVersion - 1) throw wrapStale();
}

async function replaceVault(repositories: Repositories, owner: { userId: UserId; card: Card }, vault: VaultInput): Promise<void> {
  const previous = await getStoredManifest(repositories, owner.userId);
  if (parseClaimedManifest(vault.manifest).vaultVersion !== previous.vaultVersion + 1) throw vaultStale(previous.vaultVersion);
  const { items, vaultVersion } = await storeVault(repositories, owner, vault, previous);
  // What stays as it was is sealed under the key that this change is to replace.
  if (items.every(({ itemVersion }) => itemVersion === vaultVersion)) return;
  throw new DomainError("VAULT_INVALID", "With a new card every item of the vault is sealed anew: send all of them.");
}

async function replaceAllCredentials({ users }: Repositories, userId: UserId, { credentials, wrapVersion }: CardChange): Promise<void> {
  const present = await users.getCredentials(userId);
  const next = replaceCredentials(present, credentials, wrapVersion);
  const isReplaced = present.wrapVersion === wrapVersion - 1 && (await users.replaceCredentials(userId, present.wrapVersion, next));
  if (!isReplaced) throw wrapStale();
}
