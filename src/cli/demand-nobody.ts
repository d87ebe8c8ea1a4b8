import { CommandError } from "./command-error.ts";
import type { Context } from "./context.ts";
import { profileOf } from "./profile.ts";
import { readSessionNote } from "./session-file.ts";

/** A profile is of one person: the session of another one is not thrown away unasked. */
export async function demandNobody(context: Context, but?: string): Promise<void> {
  const profile = profileOf(context);
  const note = await readSessionNote(profile);
  if (note === undefined || note.username === but) return;
  throw new CommandError("ALREADY_SIGNED_IN", `Here you are ${note.username} on ${note.relay}. Log out first, or be somebody else beside it: --profile ${but ?? "another"}`);
}
