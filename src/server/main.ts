import { StartRefused } from "../domain/start-refused.ts";
import { admin } from "./commands/admin.ts";
import type { OperatorCommand } from "./commands/command.ts";
import { doctor } from "./commands/doctor.ts";
import { parseCommandLine } from "./commands/parse-command-line.ts";
import { serve } from "./commands/serve.ts";

/** What whoever runs a relay does on its machine. Each loads what it needs when it runs. */
export const operatorCommands: readonly OperatorCommand[] = [serve, admin, doctor];

/** Runs one of them and resolves with the exit code; undefined when the words are not what they take. */
export async function operate(args: readonly string[]): Promise<number | undefined> {
  const parsed = parseCommandLine(args, operatorCommands);
  if (parsed === undefined) return undefined;
  try {
    return await parsed.run(parsed.line);
  } catch (error) {
    if (!(error instanceof StartRefused)) throw error;
    process.stderr.write(`peerbrain: ${error.message}\n`);
    return 1;
  }
}
