import { CommanderError } from "commander";
import { commands as commandsForPeople } from "./commands/index.ts";
import { readEnvironment } from "./environment.ts";
import { ExitCode } from "./exit-code.ts";
import { explain } from "./explain.ts";
import { describeOperatorCommand, type OperatorCommand } from "./operator-command.ts";
import { createProgram } from "./program.ts";
import { Terminal } from "./terminal.ts";

/** Runs one command line and resolves with the exit code. */
export async function main(args: string[], version: string, operatorCommands: readonly OperatorCommand[]): Promise<number> {
  const environment = readEnvironment();
  const { stdin: input, stdout: output, stderr: errors } = process;
  // Whoever reads the pipe has seen enough.
  output.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? ExitCode.DONE : ExitCode.FAILED));
  const commands = [...commandsForPeople, ...operatorCommands.map(describeOperatorCommand)];
  const terminal = new Terminal({ input, output, errors }, environment);
  let exitCode: ExitCode = ExitCode.DONE;
  const program = createProgram({
    commands,
    version,
    contextOf: (options) => ({ terminal, environment, options, commands, now: Date.now }),
    onEnd: (code) => {
      exitCode = code;
    },
  });
  try {
    if (args.length === 0) program.help();
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    // The parser has said itself what is wrong.
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.DONE : ExitCode.USAGE;
    return explain(terminal, error);
  }
}
