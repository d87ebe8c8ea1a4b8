import { parseArgs } from "node:util";
import type { CommandLine, OperatorCommand } from "./command.ts";

export interface ParsedCommand {
  run: NonNullable<OperatorCommand["run"]>;
  line: CommandLine;
}

/** The command that these words name, with what stands behind it; undefined when they name none or are not what it takes. */
export function parseCommandLine([word, ...rest]: readonly string[], commands: readonly OperatorCommand[]): ParsedCommand | undefined {
  const command = commands.find(({ name }) => name === word);
  if (command === undefined) return undefined;
  const below = parseCommandLine(rest, command.commands ?? []);
  if (below !== undefined) return below;
  const line = parseLine(rest, command);
  return command.run === undefined || line === undefined ? undefined : { run: command.run, line };
}

function parseLine(args: string[], command: OperatorCommand): CommandLine | undefined {
  const notations = (command.options ?? []).map(([notation]) => notation);
  const options = Object.fromEntries(notations.map((notation) => [nameOf(notation), { type: typeOf(notation) }]));
  const required = (command.arguments ?? []).filter(([notation]) => notation.startsWith("<")).length;
  const allowed = (command.arguments ?? []).length;
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    const isComplete = positionals.length >= required && positionals.length <= allowed;
    return isComplete ? { args: positionals, options: values } : undefined;
  } catch {
    return undefined;
  }
}

function nameOf(notation: string): string {
  return /^--([\w-]+)/.exec(notation)?.[1] ?? notation;
}

function typeOf(notation: string): "string" | "boolean" {
  return notation.includes("<") ? "string" : "boolean";
}
