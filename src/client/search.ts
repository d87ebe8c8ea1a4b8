import { idKey } from "../protocol/index.ts";
import type { ReadThought } from "./events.ts";
import { readBackwards, type ReadableChain } from "./readable-chain.ts";
import { SearchIndex } from "./search-index.ts";
import type { Thoughts } from "./thoughts.ts";

interface Indexed {
  headSeq: number;
  epoch: number;
  firstEpoch: number | undefined;
  ids: string[];
}

/** Searches all history that this client can open. A chain is indexed anew when it has grown, or more of it opens. */
export class Search {
  readonly #thoughts: Thoughts;
  readonly #index = new SearchIndex();
  readonly #indexed = new Map<ReadableChain["log"], Indexed>();

  constructor(thoughts: Thoughts) {
    this.#thoughts = thoughts;
  }

  async find(query: string): Promise<ReadThought[]> {
    const chains = this.#thoughts.chains();
    this.#forgetOthers(chains);
    for (const chain of chains) await this.#refresh(chain);
    return this.#index.find(query);
  }

  async #refresh(chain: ReadableChain): Promise<void> {
    const { log, keys } = chain;
    const { firstEpoch } = keys;
    const { seq: headSeq, epoch } = log.state;
    const before = this.#indexed.get(log);
    if (before?.headSeq === headSeq && before.epoch === epoch && before.firstEpoch === firstEpoch) return;
    for (const id of before?.ids ?? []) this.#index.remove(id);
    const ids: string[] = [];
    for await (const thought of readBackwards(chain, this.#thoughts.verificationOf(chain))) {
      this.#index.add(thought);
      ids.push(idKey(thought.id));
    }
    this.#indexed.set(log, { headSeq, epoch, firstEpoch, ids });
  }

  // What an ended friendship had brought is no longer found.
  #forgetOthers(chains: ReadableChain[]): void {
    const logs = new Set(chains.map(({ log }) => log));
    for (const [log, { ids }] of this.#indexed) {
      if (logs.has(log)) continue;
      for (const id of ids) this.#index.remove(id);
      this.#indexed.delete(log);
    }
  }
}
