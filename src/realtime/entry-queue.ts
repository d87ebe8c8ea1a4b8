import type { DeliveredEntry } from "./announcer.ts";
import type { Author } from "./author.ts";
import type { FeedLimits } from "./feed-limits.ts";

/** What a stream does next. A replay stays behind the page it read until its author is not behind any more. */
export type Task =
  | { kind: "live"; author: Author; delivery: DeliveredEntry }
  | { kind: "missed"; author: Author; delivery: DeliveredEntry }
  | { kind: "replay"; author: Author }
  | { kind: "caughtUp"; authors: number };

/** The tasks of one stream in order: one replay for each author and one page of missed entries at most, and few live ones. */
export class EntryQueue {
  readonly #limits: FeedLimits;
  readonly #tasks: Task[] = [];
  #liveEntries = 0;
  #liveBytes = 0;
  #replays = 0;

  constructor(limits: FeedLimits) {
    this.#limits = limits;
  }

  get first(): Task | undefined {
    return this.#tasks[0];
  }

  get hasReplay(): boolean {
    return this.#replays > 0;
  }

  get isOverfull(): boolean {
    return this.#liveEntries > this.#limits.maxUnsentEntries || this.#liveBytes > this.#limits.maxUnsentBytes;
  }

  push(task: Task): void {
    this.#tasks.push(task);
    this.#count(task, 1);
  }

  /** Puts the entries of a page before everything else. */
  putFirst(page: Extract<Task, { kind: "missed" }>[]): void {
    this.#tasks.unshift(...page);
  }

  shift(): void {
    const task = this.#tasks.shift();
    if (task) this.#count(task, -1);
  }

  #count(task: Task, by: 1 | -1): void {
    if (task.kind === "replay") this.#replays += by;
    if (task.kind !== "live") return;
    this.#liveEntries += by;
    this.#liveBytes += by * sizeOf(task.delivery);
  }
}

/** Signed bytes. */
export function sizeOf({ entry: { signedHeader, payload } }: DeliveredEntry): number {
  return signedHeader.length + (payload?.length ?? 0);
}
