import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommandError, UsageError } from "./command-error.ts";
import type { Context } from "./context.ts";

/** A text: the words of the command line, else what comes through a pipe, else what is written in an editor. */
export async function readText(context: Context, words: readonly string[], before = ""): Promise<string> {
  const text = words.length > 0 ? words.join(" ") : await readElsewhere(context, before);
  if (text.trim() === "") throw new UsageError("There is no text, so nothing was sent.");
  return text;
}

async function readElsewhere({ terminal, environment, standardInput, options }: Context, before: string): Promise<string> {
  // A password must never be taken for a text.
  if (options.passwordStdin) throw new UsageError("Standard input gives the password: give the text as words.");
  if (!terminal.isInteractive) return (await standardInput.rest()).replace(/\n$/, "");
  const { variables, platform } = environment;
  return edit(variables["VISUAL"] || variables["EDITOR"] || (platform === "win32" ? "notepad" : "vi"), before);
}

/** The text lies in a folder of its own that nobody else enters, and only while it is edited. */
async function edit(editor: string, before: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "peerbrain-"));
  const path = join(folder, "thought.txt");
  try {
    await writeFile(path, before, { mode: 0o600 });
    const child = spawn(`${editor} "${path}"`, { stdio: "inherit", shell: true });
    const [exitCode] = (await once(child, "close")) as [number | null];
    if (exitCode !== 0) throw new CommandError("EDITOR_FAILED", `${editor} ended with ${exitCode ?? "a signal"}, so nothing was sent. VISUAL and EDITOR choose another one.`);
    return (await readFile(path, "utf8")).replace(/\n$/, "");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
