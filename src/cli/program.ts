import { Command as Parser } from "commander";
import type { Command, CommandGroup, Described } from "./command.ts";
import type { Context } from "./context.ts";
import { ExitCode } from "./exit-code.ts";
import { GLOBAL_OPTIONS, type GlobalOptions } from "./global-options.ts";

interface ProgramParts {
  groups: readonly CommandGroup[];
  version: string;
  contextOf(command: Command, options: GlobalOptions): Context;
  /** Called with what the command ends with. */
  onEnd(exitCode: ExitCode): void;
}

/** The whole command line as a parser, which also helps, suggests and completes. */
export function createProgram({ groups, version, contextOf, onEnd }: ProgramParts): Parser {
  const program = new Parser("peerbrain")
    .description("Share thoughts with the friends you chose. Nobody else reads them, the relay included.")
    .version(version, "-V, --version", "show the version")
    .usage("<command> [options]")
    .helpOption("-h, --help", "show help")
    .commandsGroup("Help:")
    .helpCommand("help [command]", "Show help for a command")
    .showSuggestionAfterError(true)
    .showHelpAfterError("Run it with --help to see how it is meant.")
    .configureHelp({ showGlobalOptions: true, subcommandTerm: (command) => command.name() })
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "peerbrain: ")) })
    .exitOverride();
  addOptions(program, GLOBAL_OPTIONS);
  program.addHelpText("after", "\nBegin:\n  peerbrain register alice     register on the relay of this machine\n  peerbrain think Hello        write your first thought\n");
  for (const { title, commands } of groups) for (const command of commands) addCommand(program, command).helpGroup(title);
  return program;

  function addCommand(parent: Parser, command: Command): Parser {
    const parser = parent.command(command.name).summary(command.summary).copyInheritedSettings(parent);
    parser.description([`${command.summary}.`, command.details].filter((part) => part !== undefined).join("\n\n"));
    for (const [notation, summary] of command.arguments ?? []) parser.argument(notation, summary);
    addOptions(parser, command.options ?? []);
    if (command.examples.length > 0) parser.addHelpText("after", () => examplesText(command.examples));
    for (const child of command.commands ?? []) addCommand(parser, child);
    const { run } = command;
    if (run === undefined) return parser;
    parser.action(async () => {
      const context = contextOf(command, program.opts());
      const exitCode = await run(context, parser.processedArgs as unknown as readonly never[], parser.opts());
      onEnd(exitCode ?? ExitCode.DONE);
    });
    return parser;
  }
}

function addOptions(parser: Parser, options: readonly Described[]): void {
  for (const [notation, summary] of options) parser.option(notation, summary);
}

function examplesText(examples: readonly Described[]): string {
  const width = Math.max(...examples.map(([line]) => line.length));
  return `\nExamples:\n${examples.map(([line, does]) => `  ${line.padEnd(width)}  ${does}`).join("\n")}\n`;
}
