import { encodeBase64url, EntryType, equalBytes, parseBase64url, type Entry } from "../protocol/index.ts";
import type { LogEntry } from "./author-log.ts";
import type { ClientContext } from "./context.ts";
import { ClientError, expectResult, isRefusal } from "./errors.ts";
import { AppendEntriesDocument, CreateThoughtDocument, ShowReceiptDocument, WithdrawThoughtDocument } from "./generated/graphql.ts";
import type { Transport } from "./ports.ts";

interface RelayHead {
  seq: number;
  hash: Uint8Array;
}

/**
 * Shows a relay that was restored from a backup the newest receipt of the own chain, and appends again, byte for byte,
 * what the backup lacks (PROTOCOL.md §3). Throws ClientError OWN_CHAIN_MISMATCH when the relay goes on from somewhere else,
 * RELAY_ROLLED_BACK when it lacks what this device cannot append again.
 */
export async function restoreOwnChain(context: ClientContext): Promise<void> {
  const head = await showNewestReceipt(context);
  for (const entry of entriesAfter(context, head)) await appendAgain(context, entry);
}

async function showNewestReceipt({ transport, log }: ClientContext): Promise<RelayHead> {
  try {
    return await showReceipt(transport, log.headReceipt);
  } catch (error) {
    if (!isRefusal(error, "HEAD_STALE")) throw error;
    await log.catchUp();
    return showReceipt(transport, log.headReceipt);
  }
}

/** Shows the newest receipt of the own chain; answers the head that the relay has. */
export async function showReceipt(transport: Transport, receipt: Uint8Array): Promise<RelayHead> {
  const shown = await transport.execute(ShowReceiptDocument, { input: { receipt: encodeBase64url(receipt) } });
  const { head } = expectResult(shown.showReceipt, "ReceiptShown");
  return { seq: head.seq, hash: parseBase64url(head.hash) };
}

/** Of the own chain, what follows the relay's head. */
function entriesAfter({ log }: ClientContext, head: RelayHead): LogEntry[] {
  const known = log.at(head.seq);
  if (known === undefined) throw rolledBack();
  if (equalBytes(known.hash, head.hash)) return log.entries.slice(head.seq + 1 - log.start);
  throw new ClientError("OWN_CHAIN_MISMATCH", "The relay was restored from a backup and holds entries in your name that are not yours. Nothing was changed; stop using this relay.");
}

/** Appends an own entry byte for byte. Throws ClientError RELAY_ROLLED_BACK where that cannot be done. */
export async function appendAgain({ transport }: Pick<ClientContext, "transport">, { entry }: LogEntry): Promise<void> {
  // A card comes with credentials and a vault, which the backup has of before.
  if (entry.payload === undefined || entry.type === EntryType.CARD) throw rolledBack();
  const bytes = encodeBase64url(entry.bytes);
  try {
    await appendBytes(transport, entry, bytes);
  } catch (error) {
    if (!isRefusal(error, "VAULT_INVALID", "GRANT_INVALID", "EPOCH_STALE")) throw error;
    throw rolledBack(error);
  }
}

async function appendBytes(transport: Transport, { type }: Entry, entry: string): Promise<void> {
  if (type === EntryType.THOUGHT) {
    const { createThought } = await transport.execute(CreateThoughtDocument, { input: { entry } });
    expectResult(createThought, "ThoughtCreated");
  } else if (type === EntryType.TOMBSTONE) {
    const { withdrawThought } = await transport.execute(WithdrawThoughtDocument, { input: { entry } });
    expectResult(withdrawThought, "ThoughtWithdrawn");
  } else {
    const { appendEntries } = await transport.execute(AppendEntriesDocument, { input: { entries: [entry], grants: [] } });
    expectResult(appendEntries, "EntriesAppended");
  }
}

function rolledBack(cause?: unknown): ClientError {
  return new ClientError("RELAY_ROLLED_BACK", "The relay was restored from an older backup, and this device cannot give back what it lost. Sign in again to go on from what the relay has.", { cause });
}
