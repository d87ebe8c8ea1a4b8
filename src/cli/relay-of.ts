import type { Context } from "./context.ts";
import { profileOf } from "./profile.ts";
import { LOCAL_RELAY, relayUrlOf } from "./relay-address.ts";
import { readSessionNote } from "./session-file.ts";

/** The relay to sign in at: the named one, else the one of the profile, else this machine's. */
export async function relayOf(context: Context): Promise<string> {
  const named = context.options.relay ?? context.environment.variables["PEERBRAIN_RELAY"];
  if (named) return relayUrlOf(named);
  return (await readSessionNote(profileOf(context)))?.relay ?? LOCAL_RELAY;
}
