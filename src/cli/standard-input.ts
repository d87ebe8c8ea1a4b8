import { text } from "node:stream/consumers";
import type { Readable } from "node:stream";

/** What comes through a pipe: the lines that were asked for first, then the rest as one text. */
export class StandardInput {
  readonly #input: Readable;
  #left: Promise<string> | undefined;

  constructor(input: Readable) {
    this.#input = input;
  }

  async line(): Promise<string | undefined> {
    const left = await this.rest();
    if (left === "") return undefined;
    const end = left.indexOf("\n");
    this.#left = Promise.resolve(end < 0 ? "" : left.slice(end + 1));
    return (end < 0 ? left : left.slice(0, end)).replace(/\r$/, "");
  }

  rest(): Promise<string> {
    return (this.#left ??= text(this.#input));
  }
}
