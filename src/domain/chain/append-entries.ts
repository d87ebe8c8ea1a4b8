import { cardHashOf, type ChainState, type VerifiedStep, verifyNextEntry } from "../../crypto/public.ts";
import { type Card, type Entry, EntryType, equalBytes, parseCard, parseEntry, parseEpochPayload, type UserId } from "../../protocol/index.ts";
import { DomainError } from "../domain-error.ts";
import type { ChainRecord, Clock, EntryRecord, ReceiptSigner, RelayEvent, Repositories } from "../ports/index.ts";
import { refusing, type Translations } from "../protocol-refusal.ts";
import { headOf, signedHeaderOf, toChainRecord, toChainState, toEntryRecord } from "./chain-record.ts";

/** What appending needs besides the store. */
export interface AppendTools {
  receiptSigner: ReceiptSigner;
  clock: Clock;
  /** How often this relay was restored from a backup. */
  restorations: number;
}

const refusedSteps: Translations = {
  "bad-signer": "CARD_STALE",
  "bad-seq": "HEAD_STALE",
  "bad-prev": "HEAD_STALE",
  fork: "HEAD_STALE",
  "bad-epoch": "EPOCH_STALE",
  "bad-payload-hash": "ENTRY_INVALID",
  "bad-card": "ENTRY_INVALID",
  "unusable-card": "ENTRY_INVALID",
};

/** What became of the entries of one mutation. */
export interface Appended {
  /** All of them as they are stored, in order, repeated ones too. */
  entries: EntryRecord[];
  /** Those that are new. A mutation that came again has none. */
  added: EntryRecord[];
  chain: ChainRecord;
  /** The card that signs from here on. */
  card: Card;
}

/** Parses the entries of a mutation. @throws DomainError BYTES_MALFORMED, SIGNER_NOT_VIEWER, ENTRY_INVALID for a type that another mutation takes */
export function parseEntries(author: UserId, bytes: Uint8Array[], types: readonly number[]): Entry[] {
  const entries = bytes.map((one) => refusing(() => parseEntry(one)));
  for (const entry of entries) {
    if (!equalBytes(entry.author, author)) throw new DomainError("SIGNER_NOT_VIEWER", "This entry belongs to another user's chain: append to your own.");
    if (!types.includes(entry.type)) throw new DomainError("ENTRY_INVALID", "An entry of this type is appended by another mutation: send it by the one that takes its type.");
  }
  return entries;
}

/**
 * Appends entries to a chain whose head is locked (PROTOCOL.md §3). An entry that is stored already answers with what is
 * stored, even when the head has moved on since.
 * @throws DomainError RECEIPT_DUE, ENTRY_CONFLICT, HEAD_STALE, EPOCH_STALE, CARD_STALE, SIGNATURE_INVALID, ENTRY_INVALID, VAULT_INVALID
 */
export async function appendEntries(repositories: Repositories, tools: AppendTools, chain: ChainRecord, entries: Entry[]): Promise<Appended> {
  const card = await getCard(repositories, chain.author);
  const stored: EntryRecord[] = [];
  const added: EntryRecord[] = [];
  let state: ChainState = toChainState(chain, card);
  let { headReceivedAtMs, newestThoughtMs, rotationDue } = chain;

  for (const entry of entries) {
    const known = await findStored(repositories, entry);
    if (known) {
      stored.push(known);
      continue;
    }
    demandReceiptShown(chain, tools.restorations);
    const step = refusing(() => verifyNextEntry(state, entry.bytes), refusedSteps, { head: headOf(chain) });
    await demandRelayRules(repositories, { ...chain, rotationDue }, entry);
    headReceivedAtMs = Math.max(headReceivedAtMs, tools.clock.nowMs());
    const record = await storeEntry(repositories, tools.receiptSigner, step, headReceivedAtMs);
    if (entry.type === EntryType.EPOCH) rotationDue = false;
    if (entry.type === EntryType.THOUGHT) newestThoughtMs = headReceivedAtMs;
    state = step.state;
    stored.push(record);
    added.push(record);
  }
  if (added.length === 0) return { entries: stored, added, chain, card };

  const grown = toChainRecord(state, { ...chain, headReceivedAtMs, newestThoughtMs, rotationDue });
  await repositories.chains.update(grown);
  return { entries: stored, added, chain: grown, card: state.card ?? card };
}

/** Stores a verified entry with a receipt, and a new card as the one in force. */
export async function storeEntry(
  repositories: Pick<Repositories, "chains" | "users">,
  receiptSigner: ReceiptSigner,
  step: VerifiedStep<Entry>,
  receivedAtMs: number,
): Promise<EntryRecord> {
  const { entry, entryHash } = step;
  const receipt = receiptSigner.sign({ entryHash, author: entry.author, seq: entry.seq, relayMs: receivedAtMs });
  const record = toEntryRecord(step, receivedAtMs, receipt);
  await repositories.chains.insertEntry(record);
  if (entry.type === EntryType.CARD) {
    const card = parseCard(entry.payload);
    await repositories.users.insertCard({ userId: entry.author, version: card.cardVersion, hash: cardHashOf(card), bytes: card.bytes });
  }
  return record;
}

/** What is to be published once the entries are committed. */
export function entryEvents({ added, chain: { endedEdges } }: Pick<Appended, "added" | "chain">): RelayEvent[] {
  return added.map((entry) => entryEvent(entry, endedEdges));
}

export function entryEvent(entry: EntryRecord, endedEdges: number): RelayEvent {
  return { kind: "entry", author: entry.author, seq: entry.seq, endedEdges, entry };
}

/** The card in force of a user that exists. */
export async function getCard({ users }: Pick<Repositories, "users">, userId: UserId): Promise<Card> {
  const [card] = await users.findCurrentCards([userId]);
  if (!card) throw new Error("a user without a card");
  return parseCard(card.bytes);
}

/** What is stored under this entry's id. @throws DomainError ENTRY_CONFLICT when it has other bytes */
export async function findStored({ chains }: Pick<Repositories, "chains">, entry: Entry): Promise<EntryRecord | undefined> {
  const stored = await chains.findByEntryId(entry.author, entry.entryId);
  if (!stored || equalBytes(stored.signedHeader, signedHeaderOf(entry))) return stored;
  throw new DomainError("ENTRY_CONFLICT", "This entry id was used for other bytes: look at what is stored, then choose a new id.", { receipt: stored.receipt });
}

/** A relay that lost its newest entries waits until a device has said what it holds, so that no place is given twice. */
function demandReceiptShown({ restoration }: ChainRecord, restorations: number): void {
  if (restoration >= restorations) return;
  throw new DomainError("RECEIPT_DUE", "This relay was restored from a backup: show the newest receipt that you hold, then append.");
}

/** The rules that only the relay can check, because they concern what is no part of the chain. */
async function demandRelayRules({ vaults }: Repositories, { author, rotationDue }: ChainRecord, entry: Entry): Promise<void> {
  if (entry.type === EntryType.THOUGHT && rotationDue) {
    throw new DomainError("EPOCH_STALE", "A friendship was ended: start a new epoch before the next thought.");
  }
  if (entry.type !== EntryType.EPOCH) return;
  const { vaultMin } = refusing(() => parseEpochPayload(entry.payload));
  if (vaultMin === (await vaults.getVersion(author))) return;
  throw new DomainError("VAULT_INVALID", "The epoch names another version of your vault than the stored one: load the vault and sign again.");
}
