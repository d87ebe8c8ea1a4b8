import type { Command } from "./command.ts";
import type { Environment } from "./environment.ts";
import type { GlobalOptions } from "./global-options.ts";
import { Passwords } from "./passwords.ts";
import { StandardInput } from "./standard-input.ts";
import type { Terminal } from "./terminal.ts";

/** What a command works with. */
export interface Context {
  terminal: Terminal;
  environment: Environment;
  /** What stands on the command line for any command. */
  options: GlobalOptions;
  /** All commands. */
  commands: readonly Command[];
  standardInput: StandardInput;
  passwords: Passwords;
  /** The one that runs. */
  command: Command;
  /** Ctrl-C was pressed: what follows has to come to an end. */
  interrupted: AbortSignal;
  /** Milliseconds since 1970. */
  now(): number;
}

export function createContext(parts: Omit<Context, "standardInput" | "passwords" | "now">): Context {
  const standardInput = new StandardInput(parts.terminal.input);
  return { ...parts, standardInput, passwords: new Passwords({ ...parts, standardInput }), now: Date.now };
}
