import { openThought } from "../crypto/index.ts";
import { EntryType, equalBytes, idKey, type Entry, type EntryHash, type ThoughtBody, type UserId } from "../protocol/index.ts";
import type { AuthorKeys } from "./author-keys.ts";
import type { AuthorLog, LogEntry } from "./author-log.ts";
import type { ReadThought } from "./events.ts";
import type { Verification } from "./verification.ts";

/** A verified chain with keys to it: a friend's or the own one. */
export interface ReadableChain {
  user: { userId: UserId; username: string };
  log: AuthorLog;
  keys: AuthorKeys;
  /** Takes in what an opened thought tells besides its text. */
  hear?(body: ThoughtBody): void;
}

/** A thought's body, or "unreadable" where the key is missing or the content does not open. */
export type OpenedBody = ThoughtBody | "unreadable";

/** Opens one verified THOUGHT; undefined for any other entry and for a withdrawn one. */
export function openBody(chain: ReadableChain, held: LogEntry): OpenedBody | undefined {
  if (chain.log.isWithdrawn(held.hash)) return undefined;
  return openVerified(chain.keys, held, (body) => chain.hear?.(body));
}

/** The same by the keys alone, where nothing is known of withdrawals. */
export function openVerified(keys: AuthorKeys, { entry }: LogEntry, hear?: (body: ThoughtBody) => void): OpenedBody | undefined {
  if (!isThought(entry)) return undefined;
  const thoughtKey = keys.thoughtKey(entry.epoch);
  if (thoughtKey === undefined) return "unreadable";
  try {
    const body = openThought(thoughtKey, entry);
    hear?.(body);
    return body;
  } catch {
    // The author signed it, but sealed it wrongly: no reason to stop reading the others.
    return "unreadable";
  }
}

/** What a reader sees of an opened thought. */
export function readThought({ user }: Pick<ReadableChain, "user">, { entry, hash, receivedAtMs }: LogEntry, body: ThoughtBody, verification: Verification): ReadThought {
  return {
    id: hash,
    author: user.userId,
    username: user.username,
    verification,
    seq: entry.seq,
    epoch: entry.epoch,
    text: body.t,
    edited: false,
    reply: body.reply,
    writtenAtMs: entry.timeMs,
    receivedAtMs,
  };
}

/**
 * Thoughts from the newest back, with their edits applied; older history is fetched as the caller goes on. Ends where the
 * keys begin: what is older is from before the reader's time.
 */
export async function* readBackwards(chain: ReadableChain, verification: Verification): AsyncGenerator<ReadThought> {
  const edits = new Map<string, string>();
  let before = Infinity;
  for (;;) {
    for (const entry of entriesBefore(chain.log, before)) {
      before = entry.entry.seq;
      if (entry.entry.epoch < (chain.keys.firstEpoch ?? 0)) return;
      const body = openBody(chain, entry);
      if (body === undefined || body === "unreadable") continue;
      if (body.edits !== undefined) {
        const target = idKey(body.edits);
        if (!edits.has(target)) edits.set(target, body.t);
        continue;
      }
      const edit = edits.get(idKey(entry.hash));
      const thought = readThought(chain, entry, body, verification);
      yield edit === undefined ? thought : { ...thought, text: edit, edited: true };
    }
    // Another reader may have fetched older entries while this one was busy.
    if (chain.log.start < before) continue;
    if (chain.log.start === 0) return;
    await chain.log.loadOlder();
  }
}

/** The entry of a chain with this hash; older history is fetched to find it. */
export async function findByHash(log: AuthorLog, hash: EntryHash): Promise<LogEntry | undefined> {
  const find = (): LogEntry | undefined => log.entries.findLast((one) => equalBytes(one.hash, hash));
  while (find() === undefined && (await log.loadOlder()));
  return find();
}

function entriesBefore(log: AuthorLog, seq: number): LogEntry[] {
  return log.entries.filter(({ entry }) => entry.seq < seq).reverse();
}

function isThought(entry: LogEntry["entry"]): entry is Entry {
  return entry.type === EntryType.THOUGHT && entry.payload !== undefined;
}
