import type { Account, ReadThought } from "../client/index.ts";
import { UsageError } from "./command-error.ts";

/** What a list of thoughts shows. */
export interface Choice {
  /** By user name; undefined is oneself. */
  authors: readonly (string | undefined)[];
  /** The newest so many; all without it. */
  limit: number | undefined;
  /** Received since then; milliseconds since 1970. */
  sinceMs: number | undefined;
}

/** The newest thoughts of these authors, oldest first, as the relay received them. */
export async function listThoughts(account: Account, { authors, limit = Infinity, sinceMs = -Infinity }: Choice): Promise<ReadThought[]> {
  const found: ReadThought[] = [];
  for (const author of authors) {
    let count = 0;
    for await (const thought of account.thoughts.by(author)) {
      if (count === limit || thought.receivedAtMs < sinceMs) break;
      found.push(thought);
      count += 1;
    }
  }
  found.sort((one, other) => one.receivedAtMs - other.receivedAtMs);
  return limit === Infinity ? found : found.slice(-limit);
}

const UNIT_MS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** "30m", "12h", "3d", "2w", or a date. */
export function sinceOf(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined;
  const [, count, unit = ""] = /^(\d+)([mhdw])$/.exec(text) ?? [];
  const ms = count === undefined ? Date.parse(text) : nowMs - Number(count) * (UNIT_MS[unit] ?? 0);
  if (Number.isNaN(ms)) throw new UsageError(`--since takes a time such as 30m, 12h, 3d, 2w or 2026-11-21, not "${text}".`);
  return ms;
}

/** How many to show; without a word `standard`, and with a time all since then. */
export function limitOf(text: string | undefined, standard: number, sinceMs: number | undefined): number | undefined {
  if (text === undefined) return sinceMs === undefined ? standard : undefined;
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new UsageError(`--limit takes a number above zero, not "${text}".`);
  return count;
}
