import { hostname } from "node:os";

/** What the command line is told from outside: read once, handed on as a value. */
export interface Environment {
  variables: Readonly<Record<string, string | undefined>>;
  platform: NodeJS.Platform;
  /** What the list of sessions calls this machine. */
  deviceName: string;
}

/** The environment of this process. The only place of the command line that reads it. */
export function readEnvironment(): Environment {
  return { variables: process.env, platform: process.platform, deviceName: hostname() };
}
