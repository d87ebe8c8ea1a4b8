import type { InputOf, Operation } from "../operations.ts";
import type { Vector } from "../vector.ts";

/** A vector before it is run: its output is not known yet. */
export type Draft = Omit<Vector, "output">;

/** Collects the vectors of one file; ids begin with the topic's name. */
export class Topic {
  readonly name: string;
  readonly section: string;
  readonly drafts: Draft[] = [];

  constructor(name: string, section: string) {
    this.name = name;
    this.section = section;
  }

  add<O extends Operation>(operation: O, id: string, expect: Vector["expect"], description: string, input: InputOf<O>): void {
    this.drafts.push({ id: `${this.name}/${id}`, description, section: this.section, operation, input, expect });
  }
}
