import { idKey } from "../protocol/index.ts";
import type { ReadThought } from "./events.ts";

/** An inverted index over opened thoughts, in memory: search words never leave the device. */
export class SearchIndex {
  readonly #thoughts = new Map<string, ReadThought>();
  readonly #words = new Map<string, Set<string>>();

  /** Adds a thought or its new text. */
  add(thought: ReadThought): void {
    const id = idKey(thought.id);
    this.remove(id);
    this.#thoughts.set(id, thought);
    for (const word of wordsOf(thought.text)) {
      const ids = this.#words.get(word) ?? new Set();
      ids.add(id);
      this.#words.set(word, ids);
    }
  }

  remove(id: string): void {
    const thought = this.#thoughts.get(id);
    if (thought === undefined) return;
    this.#thoughts.delete(id);
    for (const word of wordsOf(thought.text)) this.#words.get(word)?.delete(id);
  }

  /** Thoughts that hold every word of the query, whole or as the beginning of a word; newest first by receipt. */
  find(query: string): ReadThought[] {
    const wanted = wordsOf(query);
    const [first, ...others] = wanted.map((word) => this.#idsOfPrefix(word));
    if (first === undefined) return [];
    const ids = [...first].filter((id) => others.every((set) => set.has(id)));
    const found = ids.flatMap((id) => this.#thoughts.get(id) ?? []);
    return found.sort((a, b) => b.receivedAtMs - a.receivedAtMs || b.seq - a.seq);
  }

  #idsOfPrefix(prefix: string): Set<string> {
    const ids = new Set<string>();
    for (const [word, holders] of this.#words) if (word.startsWith(prefix)) for (const id of holders) ids.add(id);
    return ids;
  }
}

/** Whether a text holds every word of the query, whole or as the beginning of a word; without a word none does. */
export function matcherOf(query: string): (text: string) => boolean {
  const wanted = wordsOf(query);
  return (text) => {
    const words = wordsOf(text);
    return wanted.length > 0 && wanted.every((prefix) => words.some((word) => word.startsWith(prefix)));
  };
}

/** The distinct words of a text: letters and digits of any script, compatibility forms and letter case folded. */
function wordsOf(text: string): string[] {
  return [...new Set(text.normalize("NFKC").toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [])];
}
