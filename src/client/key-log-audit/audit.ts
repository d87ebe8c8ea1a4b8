import { ready, verifyCheckpoint, verifyConsistency } from "../../crypto/index.ts";
import { encodeSplitProof, equalBytes, ProtocolError, type Checkpoint } from "../../protocol/index.ts";
import { RelayLog } from "./relay-log.ts";
import { Replay } from "./replay.ts";

/** What one run found out. */
export interface KeyLogAudit {
  /** The checkpoint that every leaf was replayed for; undefined while the log is empty or when it is not the relay's. */
  checkpoint: Checkpoint | undefined;
  /** Empty for an honest relay. */
  findings: string[];
  /** Where the relay signed two logs: what convicts it before anybody (PROTOCOL.md §7). */
  splitProof: Uint8Array | undefined;
}

const MAX_FINDINGS = 20;

/**
 * Replays the whole log of a relay and compares it with the checkpoint that it signed, and with the one that the last run
 * kept. Throws AuditImpossible when the relay does not answer.
 */
export async function auditKeyLog(address: string, last: Checkpoint | undefined): Promise<KeyLogAudit> {
  await ready();
  const relay = new RelayLog(address);
  const { receiptKey, checkpoint: shown } = await relay.readShown();
  const relayKey = last?.relay ?? receiptKey;
  if (!equalBytes(relayKey, receiptKey)) return failed("the relay signs with another key than at the last run: it is another relay");
  if (!shown) return last ? failed(`the log is empty, and had ${last.size} leaves at the last run`) : { checkpoint: undefined, findings: [], splitProof: undefined };
  const checkpoint = tryCheckpoint(relayKey, shown);
  if (!(checkpoint instanceof ProtocolError)) return compare(relay, checkpoint, last);
  return failed(`the checkpoint is not signed by the relay's key (${checkpoint.code})`);
}

async function compare(relay: RelayLog, checkpoint: Checkpoint, last: Checkpoint | undefined): Promise<KeyLogAudit> {
  const findings: string[] = [];
  if (last && checkpoint.size < last.size) findings.push(`the log has ${checkpoint.size} leaves, and had ${last.size} at the last run: it was rolled back`);
  const replayed = await replay(relay, checkpoint, last, findings);
  if (replayed.size < checkpoint.size) findings.push(`the relay shows ${replayed.size} leaves, and signed that there are ${checkpoint.size}`);
  else if (!equalBytes(replayed.root() ?? new Uint8Array(), checkpoint.root)) findings.push(`the leaves do not lead to the signed root of ${checkpoint.size} leaves`);
  const splitProof = last && last.size <= checkpoint.size ? await compareWithLast(relay, last, findings) : undefined;
  return { checkpoint, findings: shorten(findings), splitProof };
}

async function replay(relay: RelayLog, { size }: Checkpoint, last: Checkpoint | undefined, findings: string[]): Promise<Replay> {
  const replayed = new Replay();
  for await (const leaf of relay.readLeaves(size)) {
    if (leaf.index !== replayed.size) {
      findings.push(`where leaf ${replayed.size} should follow stands leaf ${leaf.index}`);
      return replayed;
    }
    findings.push(...replayed.append(leaf));
    if (replayed.size !== last?.size) continue;
    if (!equalBytes(replayed.root() ?? new Uint8Array(), last.root)) findings.push(`the first ${last.size} leaves are others than at the last run`);
  }
  return replayed;
}

/** What the relay itself has to say about the last run's log: it owes a path, and may convict itself by it. */
async function compareWithLast(relay: RelayLog, last: Checkpoint, findings: string[]): Promise<Uint8Array | undefined> {
  const { checkpoint: bytes, path } = await relay.readPath(last.size);
  const newer = tryCheckpoint(last.relay, bytes);
  if (newer instanceof ProtocolError) {
    findings.push(`a second checkpoint is not signed by the relay's key (${newer.code})`);
    return undefined;
  }
  try {
    verifyConsistency(last, newer, path);
    return undefined;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    findings.push(`the relay does not prove that its log continues that of the last run (${error.code})`);
    if (error.code !== "split-view") return undefined;
    return encodeSplitProof({ older: last.bytes, newer: newer.bytes, path: last.size === newer.size ? [] : path });
  }
}

function tryCheckpoint(relayKey: Uint8Array, bytes: Uint8Array): Checkpoint | ProtocolError {
  try {
    return verifyCheckpoint(relayKey, bytes);
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
}

function failed(finding: string): KeyLogAudit {
  return { checkpoint: undefined, findings: [finding], splitProof: undefined };
}

function shorten(findings: string[]): string[] {
  const rest = findings.length - MAX_FINDINGS;
  return rest > 0 ? [...findings.slice(0, MAX_FINDINGS), `and ${rest} more`] : findings;
}
