import type { ClientError, ClientErrorCode, RelayRefusal } from "../client/index.ts";
import { CommandError } from "./command-error.ts";
import { ExitCode } from "./exit-code.ts";
import { printable } from "./printable.ts";
import type { Terminal } from "./terminal.ts";

const SIGNED_OUT: ReadonlySet<string> = new Set<ClientErrorCode>(["SIGNED_OUT", "PASSWORD_WRONG", "RECOVERY_CODE_WRONG"]);
const UNREACHABLE: ReadonlySet<string> = new Set<ClientErrorCode>(["RELAY_UNREACHABLE", "RATE_LIMITED"]);
const DISHONEST: ReadonlySet<string> = new Set<ClientErrorCode>([
  "RELAY_CHANGED",
  "OWN_CARD_MISMATCH",
  "OWN_CHAIN_MISMATCH",
  "OWN_CHAIN_WITHHELD",
  "VAULT_BROKEN",
  "CARD_REFUSED",
  "CARD_NOT_LOGGED",
  "KEY_LOG_BROKEN",
  "INVITE_REFUSED",
]);

/** Says what went wrong and what to do about it, in one line; answers what the command ends with. */
export function explain(terminal: Terminal, error: unknown): ExitCode {
  const { text, code, exitCode } = explanationOf(error);
  terminal.tell(`${terminal.paintNews("red", "peerbrain:")} ${printable(text)} ${terminal.paintNews("dim", `(${code})`)}`);
  return exitCode;
}

function explanationOf(error: unknown): { text: string; code: string; exitCode: ExitCode } {
  if (error instanceof CommandError) return { text: error.message, code: error.code, exitCode: error.exitCode };
  if (isFromSdk(error)) return { text: error.message, code: error.code, exitCode: exitCodeOf(error.code) };
  const text = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "UNEXPECTED";
  return { text, code, exitCode: ExitCode.FAILED };
}

// By name, so that the SDK is loaded by the commands that need it and no other.
function isFromSdk(error: unknown): error is ClientError | RelayRefusal {
  return error instanceof Error && (error.name === "ClientError" || error.name === "RelayRefusal");
}

function exitCodeOf(code: string): ExitCode {
  if (SIGNED_OUT.has(code)) return ExitCode.SIGNED_OUT;
  if (UNREACHABLE.has(code)) return ExitCode.UNREACHABLE;
  return DISHONEST.has(code) ? ExitCode.DISHONEST : ExitCode.FAILED;
}
