import type { Context } from "./context.ts";
import type { ExitCode } from "./exit-code.ts";

/** A name and what it is: `["<name>", "who is meant"]`, `["--json", "print JSON"]`, in commander's notation. */
export type Described = readonly [notation: string, summary: string];

/** One command: all that help, completion and the parser know of it. */
export interface Command<Arguments extends readonly unknown[] = readonly never[], Options extends object = object> {
  name: string;
  /** One line, for the list of commands. */
  summary: string;
  /** What more there is to know, below the summary in the command's own help. */
  details?: string;
  arguments?: readonly Described[];
  options?: readonly Described[];
  /** Command lines that work as they stand, with what they do. */
  examples: readonly Described[];
  /** Commands below this one, as in `sessions end`. */
  commands?: readonly Command[];
  /** Ctrl-C waits for what is under way: the command changes something, or ends by itself when `interrupted` says so. */
  finishesWhenInterrupted?: boolean;
  /** Arguments and options as commander parses them from the notations above. */
  run?(context: Context, args: Arguments, options: Options): Promise<ExitCode | void>;
}

/** Commands that belong together, below a title in the help. */
export interface CommandGroup {
  title: string;
  commands: readonly Command[];
}

/** Ties the types of arguments and options to their notations, which stand beside them in the same file. */
export function defineCommand<Arguments extends readonly unknown[] = [], Options extends object = object>(command: Command<Arguments, Options>): Command {
  return command as unknown as Command;
}

/** For reading commands; docs/CLI.md documents each shape. */
export const JSON_OPTION: Described = ["--json", "print JSON, for programs"];
