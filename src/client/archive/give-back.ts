import { equalBytes } from "../../protocol/index.ts";
import type { ClientContext } from "../context.ts";
import { ClientError } from "../errors.ts";
import { catchUpOwn } from "../own-chain.ts";
import { appendAgain, showReceipt } from "../restore-own-chain.ts";
import type { Archive } from "./archive.ts";
import type { ArchivedLogEntry } from "./archive-check.ts";

/** What came of giving a relay back what it had lost. */
export interface GivenBack {
  /** Own entries that the relay had lost and has again. */
  given: number;
  /** Those that it lost for good: from the first one on that no device can append again. */
  left: number;
}

/**
 * Appends again, byte for byte and in order, the own entries of a verified archive that the relay lacks. It ends before
 * the first card, epoch or withdrawn thought: what belongs to those is in no archive.
 * Throws ClientError ARCHIVE_OF_OTHERS, ARCHIVE_CONFLICT; ProtocolError for an archive that does not hold.
 */
export async function giveBack(context: ClientContext, archive: Archive): Promise<GivenBack> {
  await demandOwn(context, archive);
  const { log } = context;
  await catchUpOwn(log);
  const { headSeq } = await demandSameChain(context, archive);
  const result = { given: 0, left: 0 };
  if (headSeq <= log.state.seq) return result;
  for await (const lost of archive.ownEntries()) {
    if (lost.held.entry.seq <= log.state.seq) continue;
    if (result.left === 0 && (await append(context, lost))) result.given += 1;
    else result.left += 1;
  }
  return result;
}

async function demandOwn({ own, vault }: ClientContext, archive: Archive): Promise<void> {
  const { userId, receiptKey } = await archive.about();
  const isOwn = equalBytes(userId, own.userId) && equalBytes(receiptKey, vault.content.settings.relayReceiptKey);
  if (isOwn) return;
  throw new ClientError("ARCHIVE_OF_OTHERS", "This is the archive of another user, or of another relay. Entries belong to the user who signed them: it can be read, and nothing of it can be given back here.");
}

// All of the archive is verified on the way, before anything is sent.
async function demandSameChain({ log, transport }: ClientContext, archive: Archive): Promise<{ headSeq: number }> {
  let shared: ArchivedLogEntry | undefined;
  let newest: ArchivedLogEntry | undefined;
  for await (const one of archive.ownEntries()) {
    if (one.held.entry.seq <= log.state.seq) shared = one;
    newest = one;
  }
  const seq = shared?.held.entry.seq ?? 0;
  await log.loadDownTo(seq);
  const held = log.at(seq);
  if (shared === undefined || newest === undefined || held === undefined || !equalBytes(held.hash, shared.held.hash)) throw conflict();
  const headSeq = newest.held.entry.seq;
  // A restored relay takes nothing new before it has seen the newest receipt.
  if (headSeq > log.state.seq) await showReceipt(transport, newest.receipt);
  return { headSeq };
}

async function append(context: ClientContext, { held }: ArchivedLogEntry): Promise<boolean> {
  try {
    await appendAgain(context, held);
  } catch (error) {
    if (error instanceof ClientError && error.code === "RELAY_ROLLED_BACK") return false;
    throw error;
  }
  await catchUpOwn(context.log);
  return true;
}

function conflict(): ClientError {
  return new ClientError("ARCHIVE_CONFLICT", "The relay has other entries of yours where those of the archive stood. It can be read, and nothing of it can be given back any more.");
}
