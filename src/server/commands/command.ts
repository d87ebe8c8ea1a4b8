import type { Environment } from "../config/env.ts";
import { SETTINGS } from "../config/settings.ts";

/** A name and what it is: `["<file>", "where it goes"]`, `["--json", "print JSON"]`. */
export type Described = readonly [notation: string, summary: string];

/** For what prints an answer. */
export const JSON_OPTION: Described = ["--json", "print JSON, for programs"];

/** What stands on the command line behind a command: arguments in order, options by their long name without dashes. */
export interface CommandLine {
  args: readonly string[];
  options: Readonly<Record<string, string | boolean | undefined>>;
}

/** A command for whoever runs a relay: all that help, completion and the parser know of it. */
export interface OperatorCommand {
  name: string;
  /** One line, for the list of commands. */
  summary: string;
  details?: string;
  arguments?: readonly Described[];
  options?: readonly Described[];
  /** Command lines, with what they do. */
  examples: readonly Described[];
  /** Commands below this one, as in `admin users`. */
  commands?: readonly OperatorCommand[];
  /** Resolves with the exit code. Throws StartRefused with what the operator can do. */
  run?(line: CommandLine): Promise<number>;
}

/** Options for these variables, or for all that may be said on the command line. */
export function settingOptions(...variables: string[]): Described[] {
  const named = SETTINGS.filter(({ variable }) => variables.length === 0 || variables.includes(variable));
  return named.map(({ flag, value, summary }) => [`${flag} <${value}>`, summary]);
}

/** What the command line says of the configuration, as variables. */
export function saidSettings({ options }: CommandLine): Environment["variables"] {
  const said = SETTINGS.map(({ variable, flag }) => [variable, options[flag.slice(2)]] as const);
  return Object.fromEntries(said.filter((pair): pair is [string, string] => typeof pair[1] === "string"));
}
