import { UsageError } from "./command-error.ts";
import type { Described } from "./command.ts";
import { KEEPERS, type Keeper } from "./device-key.ts";

export const KEEP_OPTION: Described = ["--keep <place>", `where the key of this session is kept: ${KEEPERS.join(", ")}`];

/** Undefined for the best that this machine has. */
export function keeperOf(place: string | undefined): Keeper | undefined {
  if (place === undefined) return undefined;
  const keeper = KEEPERS.find((one) => one === place);
  if (keeper === undefined) throw new UsageError(`--keep takes ${KEEPERS.join(", ")}, not "${place}".`);
  return keeper;
}

/** What a keeper means for the next command. */
export function keeperText(keeper: Keeper): string {
  if (keeper === "keychain") return "The key of this session is in the keychain of this machine.";
  if (keeper === "file") return "The key of this session is in a file that only you can read: whoever copies it is signed in as you.";
  return "Commands will ask for the password: nothing else opens this session.";
}
