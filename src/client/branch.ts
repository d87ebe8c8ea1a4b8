import { entryHashOf } from "../crypto/index.ts";
import { ENTRY_HEADER_BYTES, equalBytes, ProtocolError, type ChainPosition, type UserId } from "../protocol/index.ts";
import { AuthorLog, type LogEntry } from "./author-log.ts";
import { claimedSeq, fetchChainPage } from "./chain-source.ts";
import { ForkFound } from "./fork-found.ts";
import type { Transport } from "./ports.ts";
import type { ReceiptBook } from "./receipt-book.ts";

/** A chain as the relay hands it out now, verified from the last place that it shares with what this client holds. */
export interface Branch {
  log: AuthorLog;
  /** What this client holds and the branch does not, oldest first. */
  abandoned: LogEntry[];
}

/** Reads what the relay hands out now; undefined when it shares nothing with the held stretch. Throws ProtocolError when it does not verify. */
export async function readBranch(transport: Transport, receipts: ReceiptBook, held: AuthorLog): Promise<Branch | undefined> {
  const shared = await findShared(transport, held);
  if (shared === undefined) return undefined;
  const { entry, hash } = shared;
  const log = await AuthorLog.open(transport, receipts, held.author, { seq: entry.seq, hash });
  await log.catchUp();
  log.takeOlder(held);
  return { log, abandoned: held.entries.filter((one) => one.entry.seq > entry.seq) };
}

/** The two entries with which a branch leaves what this client holds. */
export function forkBetween(branch: Branch | undefined): ForkFound | undefined {
  const held = branch?.abandoned[0];
  const other = held && branch.log.at(held.entry.seq);
  return other && new ForkFound(held, other);
}

/** A mutation brings at most so many entries, so a device gives up no more at once. */
const MAX_GIVEN_UP = 8;

/**
 * Opens a chain on which another entry stands at the pinned position, if a HEAL of the author names the pinned one.
 * Throws ProtocolError fork if none does.
 */
export async function openHealed(transport: Transport, receipts: ReceiptBook, author: UserId, pinned: ChainPosition): Promise<AuthorLog> {
  const log = await AuthorLog.open(transport, receipts, author);
  while (!log.isHealed(pinned.hash) && log.start > pinned.seq - MAX_GIVEN_UP && (await log.loadOlder()));
  if (!log.isHealed(pinned.hash)) throw new ProtocolError("fork", "another entry stands at the pinned position");
  return log;
}

async function findShared(transport: Transport, held: AuthorLog): Promise<LogEntry | undefined> {
  for (let before = held.state.seq + 1; before > held.start; ) {
    const { entries } = await fetchChainPage(transport, held.author, { before, order: "NEWEST_FIRST" });
    for (const { bytes } of entries) {
      const seq = claimedSeq(bytes);
      const one = held.at(seq);
      if (one && equalBytes(one.hash, entryHashOf(bytes.subarray(0, ENTRY_HEADER_BYTES)))) return one;
      before = Math.min(before - 1, seq);
    }
    if (entries.length === 0) return undefined;
  }
  return undefined;
}
