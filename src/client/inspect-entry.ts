import { EntryType, type EntryHash, type UserId } from "../protocol/index.ts";
import { checkEntry, type EntryCheck } from "./check-entry.ts";
import { ClientError } from "./errors.ts";
import type { ReceiptBook } from "./receipt-book.ts";
import { openBody, type ReadableChain } from "./readable-chain.ts";
import type { Verification } from "./verification.ts";

/** One entry of a chain that this client follows, with the outcome of every check. */
export interface InspectedEntry {
  /** The hash of the entry. */
  id: EntryHash;
  author: UserId;
  username: string;
  /** Whether the author's identity card is known to be theirs; one's own always is. */
  verification: Verification;
  seq: number;
  epoch: number;
  type: keyof typeof EntryType;
  /** Milliseconds since 1970, as the author claims. */
  writtenAtMs: number;
  /** Milliseconds since 1970, as the relay's signed receipt says. */
  receivedAtMs: number;
  /** As the author signed it: header, signature and payload. */
  bytes: Uint8Array;
  checks: EntryCheck[];
  content: EntryContent;
}

/** What is in an entry: a thought's own text, without later edits; "unreadable" without the key; "none" of any other type. */
export type EntryContent =
  | { kind: "text"; text: string; reply: EntryHash | undefined; edits: EntryHash | undefined }
  | { kind: "withdrawn" | "unreadable" | "none" };

interface Inspected {
  chain: ReadableChain;
  verification: Verification;
  receipts: ReceiptBook;
  relayKey: Uint8Array;
}

/** Links the chain down to this place and checks what stands there once more. Throws ClientError ENTRY_UNKNOWN. */
export async function inspectEntry({ chain, verification, receipts, relayKey }: Inspected, seq: number): Promise<InspectedEntry> {
  const { user, log, keys } = chain;
  // The entry before it too, which it names.
  await log.loadDownTo(Math.max(seq - 1, 0));
  const held = log.at(seq);
  if (held === undefined) throw new ClientError("ENTRY_UNKNOWN", `This client knows of no place ${seq} in the chain of ${user.username}.`);
  const { entry, hash } = held;
  const parts = {
    outline: log.outline,
    entry,
    hash,
    previous: log.at(seq - 1)?.hash,
    next: log.at(seq + 1)?.entry,
    receipt: receipts.find(user.userId, seq)?.bytes,
    relayKey,
    thoughtKey: keys.thoughtKey(entry.epoch),
  };
  return {
    id: hash,
    author: user.userId,
    username: user.username,
    verification,
    seq,
    epoch: entry.epoch,
    type: nameOf(entry.type),
    writtenAtMs: entry.timeMs,
    receivedAtMs: held.receivedAtMs,
    bytes: entry.bytes,
    checks: checkEntry(parts),
    content: contentOf(chain, held),
  };
}

function contentOf(chain: ReadableChain, held: Parameters<typeof openBody>[1]): EntryContent {
  if (held.entry.type !== EntryType.THOUGHT) return { kind: "none" };
  const body = openBody(chain, held);
  if (body === undefined) return { kind: "withdrawn" };
  return body === "unreadable" ? { kind: body } : { kind: "text", text: body.t, reply: body.reply, edits: body.edits };
}

function nameOf(type: EntryType): keyof typeof EntryType {
  const names = Object.keys(EntryType) as (keyof typeof EntryType)[];
  return names.find((name) => EntryType[name] === type) ?? "THOUGHT";
}
