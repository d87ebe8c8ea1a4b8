import { equalBytes, type EntryHash } from "../protocol/index.ts";
import { ownForkText } from "./chain-alarms.ts";
import { claimedSeq, fetchChainPage, type FetchedEntry } from "./chain-source.ts";
import type { ChainWriter } from "./chain-writer.ts";
import type { ClientContext } from "./context.ts";
import { ForkFound } from "./fork-found.ts";

/** Own entries that do not stand on the own chain and that this device never saw: it gives them up by a HEAL (PROTOCOL.md §3 "Forks"). */
export class OwnForks {
  readonly #context: ClientContext;
  readonly #writer: ChainWriter;

  constructor(context: ClientContext, writer: ChainWriter) {
    this.#context = context;
    this.#writer = writer;
  }

  /** Whether an own device has given this entry up already. */
  isKnown(hashStart: Uint8Array): boolean {
    const { log, vault } = this.#context;
    return log.isHealed(hashStart) || vault.content.pending.abandoned.some((hash) => startsWith(hash, hashStart));
  }

  /** Takes an entry into the own chain; another one than stands there is healed. Throws ProtocolError as AuthorLog.append. */
  async take(fetched: FetchedEntry): Promise<void> {
    const { log } = this.#context;
    await log.loadDownTo(claimedSeq(fetched.bytes));
    try {
      log.append(fetched);
    } catch (error) {
      if (!(error instanceof ForkFound)) throw error;
      await this.#heal(error);
    }
  }

  /** Asks the relay once more for the own entry at a place. */
  async lookAgain(seq: number): Promise<void> {
    const { transport, own } = this.#context;
    const { entries } = await fetchChainPage(transport, own.userId, { before: seq + 1, order: "NEWEST_FIRST", first: 1 });
    for (const fetched of entries) await this.take(fetched);
  }

  async #heal({ other, held }: ForkFound): Promise<void> {
    if (this.isKnown(other.hash)) return;
    const { vault, notices, own } = this.#context;
    await vault.update(({ pending }) => void pending.abandoned.push(other.hash));
    await this.#writer.heal();
    notices.emit({ kind: "alarm", username: own.username, userId: own.userId, code: "fork", text: ownForkText(held.entry.seq) });
  }
}

function startsWith(hash: EntryHash, start: Uint8Array): boolean {
  return equalBytes(hash.subarray(0, start.length), start);
}
