import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { UsageError } from "./command-error.ts";
import type { Context } from "./context.ts";
import type { Environment } from "./environment.ts";

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/i;

/** One person on one relay, as this machine knows them. */
export interface Profile {
  name: string;
  folder: string;
}

/** The profile of this command line: --profile, else PEERBRAIN_PROFILE, else "default". */
export function profileOf({ options, environment }: Pick<Context, "options" | "environment">): Profile {
  const name = options.profile ?? environment.variables["PEERBRAIN_PROFILE"] ?? "default";
  if (!NAME.test(name)) throw new UsageError(`"${name}" cannot be the name of a profile: use letters, digits, dots and dashes.`);
  return { name, folder: join(homeOf(environment), name) };
}

/** PEERBRAIN_HOME, else the place for data that XDG or Windows names. */
function homeOf({ variables, platform }: Environment): string {
  if (variables["PEERBRAIN_HOME"]) return resolve(variables["PEERBRAIN_HOME"]);
  const local = platform === "win32" ? variables["LOCALAPPDATA"] : variables["XDG_DATA_HOME"];
  return join(local || join(homedir(), ".local/share"), "peerbrain");
}
