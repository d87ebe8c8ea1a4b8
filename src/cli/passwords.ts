import { createReadStream } from "node:fs";
import { UsageError } from "./command-error.ts";
import type { Environment } from "./environment.ts";
import type { GlobalOptions } from "./global-options.ts";
import { StandardInput } from "./standard-input.ts";
import type { Terminal } from "./terminal.ts";

const MIN_NEW_CHARACTERS = 8;

/** Where passwords come from: a terminal, or line by line a file or standard input. Never an argument: everybody on the machine sees those. */
export class Passwords {
  readonly #terminal: Terminal;
  readonly #source: StandardInput | undefined;
  #present: Promise<string> | undefined;

  constructor(parts: { terminal: Terminal; options: GlobalOptions; environment: Environment; standardInput: StandardInput }) {
    const { terminal, options, environment, standardInput } = parts;
    if (options.passwordStdin && options.passwordFile !== undefined) throw new UsageError("Give either --password-stdin or --password-file.");
    const path = options.passwordFile ?? environment.variables["PEERBRAIN_PASSWORD_FILE"];
    this.#terminal = terminal;
    if (options.passwordStdin) this.#source = standardInput;
    else if (path) this.#source = new StandardInput(createReadStream(path));
  }

  /** The password in force; asked for once. */
  present(question = "Password"): Promise<string> {
    return (this.#present ??= this.secret(question));
  }

  /** A password to come; a person types it twice. */
  async fresh(question = "New password"): Promise<string> {
    const password = await this.secret(question);
    if (password.length < MIN_NEW_CHARACTERS) throw new UsageError(`A password has at least ${MIN_NEW_CHARACTERS} characters: some words that only you put together are good.`);
    if (this.#source === undefined && (await this.secret("The same again")) !== password) throw new UsageError("These are two different passwords. Nothing was changed.");
    return password;
  }

  /** Anything that stays hidden. */
  async secret(question: string): Promise<string> {
    if (this.#source === undefined) {
      if (this.#terminal.isInteractive) return this.#terminal.askSecret(question);
      throw new UsageError(`There is no terminal to ask on: ${question}. Use --password-stdin or --password-file.`);
    }
    const line = await this.#source.line();
    if (line === undefined) throw new UsageError(`Nothing is left to read where the answer was to come from: ${question}.`);
    return line;
  }
}
