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
  /** Changes something on the relay: Ctrl-C then waits until the step under way is done. */
  isChanging?: boolean;
  /** Arguments and options as commander parses them from the notations above. */
  run?(context: Context, args: Arguments, options: Options): Promise<ExitCode | void>;
}

/** Ties the types of arguments and options to their notations, which stand beside them in the same file. */
export function defineCommand<Arguments extends readonly unknown[] = [], Options extends object = object>(command: Command<Arguments, Options>): Command {
  return command as unknown as Command;
}
