import { UsageError } from "./command-error.ts";
import type { Command } from "./command.ts";

/** What whoever runs a relay does on its machine. The relay's side runs it, without anything of the command line for people. */
export type OperatorCommand = Omit<Command, "commands" | "finishesWhenInterrupted" | "run"> & { commands?: readonly OperatorCommand[] };

/** The same for help and completion. It runs only when the relay's side did not understand what stands around its name. */
export function describeOperatorCommand({ commands, ...described }: OperatorCommand): Command {
  const { name, summary, details, arguments: takes, options, examples } = described;
  const description = { name, summary, examples, ...(details !== undefined && { details }), ...(takes && { arguments: takes }), ...(options && { options }) };
  if (commands) return { ...description, commands: commands.map(describeOperatorCommand) };
  return {
    ...description,
    async run() {
      throw new UsageError(`${name} is for whoever runs a relay: it stands first, with its own options behind it.`);
    },
  };
}
