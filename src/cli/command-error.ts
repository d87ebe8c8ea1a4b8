import { ExitCode } from "./exit-code.ts";

/** Ends a command with a text that says what to do. The code is for `--json`; nothing of it travels. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly code: string;
  readonly exitCode: ExitCode;

  constructor(code: string, text: string, { exitCode = ExitCode.FAILED, cause }: { exitCode?: ExitCode; cause?: unknown } = {}) {
    super(text, { cause });
    this.code = code;
    this.exitCode = exitCode;
  }
}

/** The command line does not say enough, or contradicts itself. */
export class UsageError extends CommandError {
  constructor(text: string) {
    super("USAGE", text, { exitCode: ExitCode.USAGE });
  }
}

/** Somebody pressed Ctrl-C. */
export class Interrupted extends CommandError {
  constructor() {
    super("INTERRUPTED", "Stopped. Nothing was changed.", { exitCode: ExitCode.INTERRUPTED });
  }
}
