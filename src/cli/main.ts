import { CommanderError } from "commander";
import { commandGroups, relayCommands } from "./commands/index.ts";
import type { Command } from "./command.ts";
import { Interrupted } from "./command-error.ts";
import { createContext } from "./context.ts";
import { readEnvironment } from "./environment.ts";
import { ExitCode } from "./exit-code.ts";
import { explain } from "./explain.ts";
import { describeOperatorCommand, type OperatorCommand } from "./operator-command.ts";
import { createProgram } from "./program.ts";
import { Terminal } from "./terminal.ts";

const NOTICED_AFTER_MS = 500;
/** For a relay that does not answer, or a question that nobody is there to answer. */
const GRACE_MS = 15_000;

/** Runs one command line and resolves with the exit code. */
export async function main(args: string[], version: string, operatorCommands: readonly OperatorCommand[]): Promise<number> {
  const environment = readEnvironment();
  const { stdin: input, stdout: output, stderr: errors } = process;
  // Whoever reads the pipe has seen enough.
  output.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? ExitCode.DONE : ExitCode.FAILED));
  const terminal = new Terminal({ input, output, errors }, environment);
  const groups = [...commandGroups, { title: "Relays:", commands: [...relayCommands, ...operatorCommands.map(describeOperatorCommand)] }];
  const commands = groups.flatMap((group) => group.commands);
  let exitCode: ExitCode = ExitCode.DONE;
  const program = createProgram({
    groups,
    version,
    contextOf: (command, options) => createContext({ terminal, environment, options, command, commands, interrupted: listenForInterrupt(terminal, command) }),
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
    const failure = explain(terminal, error);
    // What was left alone may still wait for a relay.
    if (error instanceof Interrupted) process.exit(failure);
    return failure;
  }
}

/** The first Ctrl-C asks for an end, the second one is the end: what was on its way is settled by the next command. */
function listenForInterrupt(terminal: Terminal, { finishesWhenInterrupted }: Command): AbortSignal {
  const interruption = new AbortController();
  const onSignal = (): void => {
    if (interruption.signal.aborted) process.exit(ExitCode.INTERRUPTED);
    if (finishesWhenInterrupted) setTimeout(() => terminal.tell("Stopping as soon as nothing is half done. Ctrl-C again stops at once."), NOTICED_AFTER_MS).unref();
    setTimeout(() => process.exit(ExitCode.INTERRUPTED), GRACE_MS).unref();
    interruption.abort();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
  return interruption.signal;
}
