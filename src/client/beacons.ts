import { EntryType } from "../protocol/index.ts";
import type { ChainWriter } from "./chain-writer.ts";
import type { ClientContext } from "./context.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const LOOK_EVERY_MS = 10 * 60 * 1000;

/** Says "this is my head, and this is the time" at least daily while online: who misses it longer knows that something is withheld or that nobody was there. */
export class Beacons {
  readonly #context: ClientContext;
  readonly #writer: ChainWriter;
  #looking: ReturnType<typeof setInterval> | undefined;
  #stopListening: (() => void) | undefined;

  constructor(context: ClientContext, writer: ChainWriter) {
    this.#context = context;
    this.#writer = writer;
  }

  /** From now on a beacon is sent whenever one is due: looked at every few minutes, and when the relay is back. */
  start(): void {
    // A beacon that cannot be sent is due the next time.
    const look = (): void => void this.#sendIfDue().catch(() => undefined);
    this.#looking = setInterval(look, LOOK_EVERY_MS);
    this.#stopListening = this.#context.notices.on(({ kind }) => kind === "connected" && look());
  }

  stop(): void {
    clearInterval(this.#looking);
    this.#stopListening?.();
  }

  async #sendIfDue(): Promise<void> {
    const { chains, log, now } = this.#context;
    // Thoughts tell the head as well. Without friends there is nobody to tell.
    const last = log.entries.findLast(({ entry: { type } }) => type === EntryType.THOUGHT || type === EntryType.BEACON) ?? log.entries[0];
    if (chains.list().length === 0 || (last && now() - last.entry.timeMs < DAY_MS)) return;
    await this.#writer.writeBeacon();
  }
}
