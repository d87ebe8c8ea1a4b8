import { cardHashOf, type ChainState, emptyChain, userIdOf, type VerifiedStep, verifyNextEntry } from "../../crypto/public.ts";
import { type Card, type CardHash, type Entry, type EntryHash, EntryType, GrantKind, parseCard, parseEntry, parseEpochPayload, type UserId } from "../../protocol/index.ts";
import { DomainError } from "../domain-error.ts";
import { checkGrantTo } from "../friends/check-grants.ts";
import type { EntryRecord, GrantRecord, Repositories } from "../ports/index.ts";
import { refusing, type Translations } from "../protocol-refusal.ts";
import { type AppendTools, storeEntry } from "./append-entries.ts";
import { toChainRecord } from "./chain-record.ts";

const FIRST_VAULT_VERSION = 1;

/** Nobody has been told of the chain yet. */
const untouched = { newestThoughtMs: undefined, rotationDue: false, endedEdges: 0 };

/** A genesis that breaks a rule is the client's own doing: there is no head yet that could have moved on. */
const brokenRules: Translations = {
  "bad-type": "ENTRY_INVALID",
  "bad-author": "ENTRY_INVALID",
  "bad-signer": "ENTRY_INVALID",
  "bad-card": "ENTRY_INVALID",
  "unusable-card": "ENTRY_INVALID",
  "bad-seq": "ENTRY_INVALID",
  "bad-prev": "ENTRY_INVALID",
  "bad-epoch": "ENTRY_INVALID",
  "bad-payload-hash": "ENTRY_INVALID",
};

/** The verified beginning of a chain. */
export interface Genesis {
  author: UserId;
  card: Card;
  cardHash: CardHash;
  /** Of EPOCH 0. */
  headSeq: number;
  headHash: EntryHash;
  steps: VerifiedStep<Entry>[];
  selfGrant: GrantRecord;
}

/**
 * Verifies the two entries that every chain begins with, CARD and EPOCH 0, and the grant of that epoch to oneself
 * (PROTOCOL.md §3, §6).
 * @throws DomainError BYTES_MALFORMED, SIGNATURE_INVALID, ENTRY_INVALID, GRANT_INVALID, VAULT_INVALID
 */
export function verifyGenesis(entries: Uint8Array[], selfGrant: Uint8Array): Genesis {
  const [first, second] = entries;
  if (!first || !second || entries.length !== 2) throw new DomainError("ENTRY_INVALID", "A chain begins with a CARD and an EPOCH: send these two.");
  const author = refusing(() => claimedAuthor(first));
  const cardStep = verifyStep(emptyChain(author), first);
  const epochStep = verifyStep(cardStep.state, second);
  demandFirstVault(epochStep.entry);
  const { state } = epochStep;
  const { card } = state;
  if (!card) throw new Error("a verified CARD without a card");
  const chain = toChainRecord(state, { ...untouched, headReceivedAtMs: 0, restoration: 0 });
  const cardHash = cardHashOf(card);
  const grant = checkGrantTo({ userId: author, cardHash }, { chain, card }, selfGrant);
  if (grant.kind !== GrantKind.HISTORY) throw new DomainError("GRANT_INVALID", "The grant to yourself has to open history: seal the epoch key.");
  return { author, card, cardHash, headSeq: state.seq, headHash: state.headHash, steps: [cardStep, epochStep], selfGrant: grant };
}

/** Stores a verified beginning for a user who is stored already, and answers with the two entries. */
export async function appendGenesis(
  repositories: Pick<Repositories, "chains" | "users" | "grants">,
  { receiptSigner, clock, restorations }: AppendTools,
  { steps, selfGrant }: Genesis,
): Promise<EntryRecord[]> {
  const nowMs = clock.nowMs();
  const records: EntryRecord[] = [];
  for (const step of steps) records.push(await storeEntry(repositories, receiptSigner, step, nowMs));
  const last = steps.at(-1);
  if (last) await repositories.chains.insertChain(toChainRecord(last.state, { ...untouched, headReceivedAtMs: nowMs, restoration: restorations }));
  await repositories.grants.insert([selfGrant]);
  return records;
}

/** The first card proves its user; whether the entry says the same is for the reader's rules to check. */
function claimedAuthor(first: Uint8Array): UserId {
  const entry = parseEntry(first);
  return entry.type === EntryType.CARD ? userIdOf(parseCard(entry.payload)) : entry.author;
}

function verifyStep(state: ChainState, bytes: Uint8Array): VerifiedStep<Entry> {
  return refusing(() => verifyNextEntry(state, bytes), brokenRules);
}

function demandFirstVault({ payload }: Entry): void {
  const { vaultMin } = refusing(() => parseEpochPayload(payload));
  if (vaultMin !== FIRST_VAULT_VERSION) throw new DomainError("VAULT_INVALID", "The first epoch names the first version of the vault: sign it again.");
}
