import type { Outcome } from "./outcome.ts";

interface ModelThought {
  /** Whether it is on the chain: "maybe" while nobody knows. */
  isWritten: "yes" | "maybe";
  isWithdrawn: "no" | "maybe" | "yes";
  /** What its text may be. */
  texts: Set<string>;
  /** Edits under way, and whether the order of edits is unclear. */
  edits: number;
  isUnclear: boolean;
}

/** The thoughts of one author as acts and answers tell them, and what whoever may read all of them has to see. All texts ever used differ. */
export class ThoughtsModel {
  readonly #thoughts = new Map<string, ModelThought>();

  /** First texts of the thoughts that stand for certain. */
  get standing(): string[] {
    return [...this.#thoughts].flatMap(([first, { isWritten, isWithdrawn }]) => (isWritten === "yes" && isWithdrawn === "no" ? [first] : []));
  }

  write(text: string): (outcome: Outcome) => void {
    const thought: ModelThought = { isWritten: "maybe", isWithdrawn: "no", texts: new Set([text]), edits: 0, isUnclear: false };
    this.#thoughts.set(text, thought);
    return (outcome) => {
      if (outcome === "done") thought.isWritten = "yes";
      if (outcome === "refused") this.#thoughts.delete(text);
    };
  }

  /** Edits the thought that began with `first`. */
  edit(first: string, text: string): (outcome: Outcome) => void {
    const thought = this.#get(first);
    if (thought.edits > 0) thought.isUnclear = true;
    thought.edits += 1;
    thought.texts.add(text);
    return (outcome) => {
      thought.edits -= 1;
      if (outcome === "refused") thought.texts.delete(text);
      if (outcome === "unknown") thought.isUnclear = true;
      if (outcome === "done" && !thought.isUnclear) thought.texts = new Set([text]);
    };
  }

  withdraw(first: string): (outcome: Outcome) => void {
    const thought = this.#get(first);
    const before = thought.isWithdrawn;
    thought.isWithdrawn = before === "yes" ? "yes" : "maybe";
    return (outcome) => {
      if (outcome === "done") thought.isWithdrawn = "yes";
    };
  }

  /** What is wrong with what a reader of everything sees; nothing when all is well. */
  faults(shown: readonly string[]): string[] {
    const left = [...shown];
    const faults: string[] = [];
    for (const [first, { isWritten, isWithdrawn, texts }] of this.#thoughts) {
      const seen = left.filter((text) => texts.has(text));
      for (const text of seen) left.splice(left.indexOf(text), 1);
      if (seen.length > 1) faults.push(`"${first}" is shown ${seen.length} times`);
      if (seen.length === 0 && isWritten === "yes" && isWithdrawn === "no") faults.push(`"${first}" is missing`);
      if (seen.length > 0 && isWithdrawn === "yes") faults.push(`"${first}" was withdrawn and is shown`);
    }
    return [...faults, ...left.map((text) => `"${text}" is shown and never was to be`)];
  }

  /** All is quiet, and this is what the author sees: from here on nothing is unclear. */
  settle(shown: readonly string[]): void {
    for (const [first, thought] of this.#thoughts) {
      const text = shown.find((one) => thought.texts.has(one));
      if (text === undefined) this.#thoughts.delete(first);
      else this.#thoughts.set(first, { isWritten: "yes", isWithdrawn: "no", texts: new Set([text]), edits: 0, isUnclear: false });
    }
  }

  #get(first: string): ModelThought {
    const thought = this.#thoughts.get(first);
    if (thought === undefined) throw new RangeError(`nobody wrote "${first}"`);
    return thought;
  }
}
