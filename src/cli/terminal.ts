/**
 * What people see. The rules:
 *
 * 1. Answers go to standard output; questions, progress, news and complaints to standard error. A pipe gets answers only.
 * 2. Colour stresses what words say already, on a terminal, and never with NO_COLOR or TERM=dumb.
 * 3. What others wrote cannot steer the terminal: control characters show as symbols.
 * 4. Nobody waits for more than a second without seeing for what. What moves, moves on a terminal only.
 * 5. A question is asked only of a person at a terminal. Ctrl-C is an answer: nothing is done.
 */
import type { Readable, Writable } from "node:stream";
import { styleText } from "node:util";
import type { CANCEL_SYMBOL } from "@clack/prompts";
import { Interrupted, UsageError } from "./command-error.ts";
import type { Environment } from "./environment.ts";
import { printable } from "./printable.ts";

const PROGRESS_AFTER_MS = 1_000;
const CLEAR_LINE = "\r\u001b[2K";

type Colour = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";
export type Paint = (colour: Colour, text: string) => string;

export interface Streams {
  input: Readable & { isTTY?: boolean };
  output: Writable & { isTTY?: boolean; columns?: number };
  errors: Writable & { isTTY?: boolean };
}

export class Terminal {
  readonly #streams: Streams;
  readonly #hasColour: boolean;

  constructor(streams: Streams, { variables }: Environment) {
    this.#streams = streams;
    this.#hasColour = !variables["NO_COLOR"] && variables["TERM"] !== "dumb";
  }

  /** Whether somebody is there to be asked. */
  get isInteractive(): boolean {
    return this.#streams.input.isTTY === true && this.#streams.errors.isTTY === true;
  }

  /** Whether answers go to a person's terminal. */
  get isOutputTerminal(): boolean {
    return this.#streams.output.isTTY === true;
  }

  get columns(): number {
    return this.#streams.output.columns ?? 80;
  }

  get input(): Readable {
    return this.#streams.input;
  }

  /** Stresses a part of an answer. */
  readonly paint: Paint = (colour, text) => (this.#hasColour && this.isOutputTerminal ? styleText(colour, text) : text);

  /** Stresses a part of news or a complaint. */
  readonly paintNews: Paint = (colour, text) => (this.#hasColour && this.#streams.errors.isTTY === true ? styleText(colour, text) : text);

  /** A line of the answer. What others wrote has to be printable. */
  print(line: string): void {
    this.#streams.output.write(`${line}\n`);
  }

  /** The answer for programs: one line of JSON. */
  printJson(value: unknown): void {
    this.print(JSON.stringify(value));
  }

  /** Something to know besides the answer. */
  tell(line: string): void {
    this.#streams.errors.write(`${line}\n`);
  }

  /** Waits for work; after a second it says on a terminal what for. */
  async during<T>(what: string, work: Promise<T>): Promise<T> {
    if (this.#streams.errors.isTTY !== true) return work;
    let isShown = false;
    const timer = setTimeout(() => {
      isShown = true;
      this.#streams.errors.write(`${CLEAR_LINE}${this.paintNews("dim", `${what} …`)}`);
    }, PROGRESS_AFTER_MS);
    try {
      return await work;
    } finally {
      clearTimeout(timer);
      if (isShown) this.#streams.errors.write(CLEAR_LINE);
    }
  }

  /** Asks for something that stays hidden. */
  async askSecret(question: string): Promise<string> {
    const { password } = await import("@clack/prompts");
    return this.#ask(question, (common) => password({ ...common, mask: "•" }));
  }

  async askText(question: string): Promise<string> {
    const { text } = await import("@clack/prompts");
    return this.#ask(question, text);
  }

  async confirm(question: string): Promise<boolean> {
    const { confirm } = await import("@clack/prompts");
    return this.#ask(question, (common) => confirm({ ...common, initialValue: false }));
  }

  async #ask<T>(question: string, prompt: (common: { message: string; input: Readable; output: Writable; withGuide: boolean }) => Promise<T | typeof CANCEL_SYMBOL>): Promise<T> {
    if (!this.isInteractive) throw new UsageError(`There is no terminal to ask on: ${question}`);
    const { input, errors: output } = this.#streams;
    const answer = await prompt({ message: printable(question), input, output, withGuide: false });
    if (typeof answer === "symbol") throw new Interrupted();
    return answer;
  }
}
