import type { Command } from "./command.ts";
import type { Environment } from "./environment.ts";
import type { GlobalOptions } from "./global-options.ts";
import type { Terminal } from "./terminal.ts";

/** What a command works with. */
export interface Context {
  terminal: Terminal;
  environment: Environment;
  /** What stands on the command line for any command. */
  options: GlobalOptions;
  /** All commands. */
  commands: readonly Command[];
  /** Milliseconds since 1970. */
  now(): number;
}
