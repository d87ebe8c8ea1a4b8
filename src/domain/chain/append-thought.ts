import { type VerifiedStep, verifyNextEntry } from "../../crypto/public.ts";
import { type Entry, parseCard, ProtocolError } from "../../protocol/index.ts";
import type { AppendBasis, ChainRepository, EntryRecord } from "../ports/index.ts";
import type { AppendTools } from "./append-entries.ts";
import { toChainState, toEntryRecord } from "./chain-record.ts";

/** A thought that was appended, and how many edges to its author had ended by then. */
export interface AppendedThought {
  record: EntryRecord;
  endedEdges: number;
}

/**
 * Appends a thought without holding its author's head: it is checked against what was read, and stored if that still holds.
 * Undefined, with nothing stored, where anything stands against it: appending under the lock says what, or finds that it has
 * passed.
 */
export async function tryAppendThought({ chains }: { chains: Pick<ChainRepository, "findAppendBasis" | "appendOne"> }, tools: AppendTools, entry: Entry): Promise<AppendedThought | undefined> {
  const basis = await chains.findAppendBasis(entry.author, entry.entryId);
  const step = basis && verifyOn(basis, tools.restorations, entry);
  if (!step) return undefined;
  const { chain } = basis;
  const receivedAtMs = Math.max(chain.headReceivedAtMs, tools.clock.nowMs());
  const receipt = tools.receiptSigner.sign({ entryHash: step.entryHash, author: entry.author, seq: entry.seq, relayMs: receivedAtMs });
  const record = toEntryRecord(step, receivedAtMs, receipt);
  return (await chains.appendOne(chain, record)) ? { record, endedEdges: chain.endedEdges } : undefined;
}

function verifyOn({ chain, card, isKnown }: AppendBasis, restorations: number, entry: Entry): VerifiedStep<Entry> | undefined {
  if (isKnown || chain.rotationDue || chain.restoration < restorations) return undefined;
  try {
    return verifyNextEntry(toChainState(chain, parseCard(card)), entry.bytes);
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}
