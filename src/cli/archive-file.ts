import { createReadStream } from "node:fs";
import { access } from "node:fs/promises";
import type { Archive, GivenBack } from "../client/index.ts";
import { CommandError } from "./command-error.ts";
import type { Context } from "./context.ts";
import { ExitCode } from "./exit-code.ts";
import type { Terminal } from "./terminal.ts";

/** Opens an archive with the password that somebody gives. Throws ClientError PASSWORD_WRONG, CommandError ARCHIVE_BROKEN. */
export async function openArchiveFile({ terminal, passwords }: Context, file: string): Promise<Archive> {
  await access(file);
  const { Archive } = await import("../client/index.ts");
  const password = await passwords.secret("Password of the archive");
  return orBroken(file, terminal.during("Opening", Archive.open(() => createReadStream(file), password)));
}

/** The same, and verifies all of it: what does not hold never gets as far as a relay. */
export async function openVerifiedArchiveFile(context: Context, file: string): Promise<Archive> {
  const archive = await openArchiveFile(context, file);
  await orBroken(file, context.terminal.during("Checking everything", archive.verify()));
  return archive;
}

/** Says of a file that does not hold what is wrong with it. Throws CommandError ARCHIVE_BROKEN. */
export async function orBroken<T>(file: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (!isProtocolError(error)) throw error;
    throw new CommandError("ARCHIVE_BROKEN", `${file} does not hold: it was cut off or changed, or is no archive (${error.code}). Nothing was changed.`, { cause: error });
  }
}

/** Says what a relay was given back; FAILED when something stays lost. */
export function tellGivenBack(terminal: Terminal, { given, left }: GivenBack): ExitCode {
  if (given + left === 0) terminal.tell("The relay lacks nothing of yours that is in the file.");
  else terminal.tell(`The relay has ${given} of your entries again.`);
  if (left > 0) terminal.tell(`${left} cannot be given back; they can be read with peerbrain import --read.`);
  return left > 0 ? ExitCode.FAILED : ExitCode.DONE;
}

// By name, so that the SDK is loaded only when the command runs.
function isProtocolError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && error.name === "ProtocolError";
}
