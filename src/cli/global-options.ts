import type { Described } from "./command.ts";

/** Everywhere, in front of a command or behind it. */
export const GLOBAL_OPTIONS: readonly Described[] = [
  ["--relay <address>", "the relay: a domain, an IP address or a URL"],
  ["--profile <name>", "who you are, if you are several on this machine"],
  ["--password-stdin", "read passwords from standard input, one a line"],
  ["--password-file <path>", "read passwords from a file or a descriptor such as /dev/fd/3"],
];

export interface GlobalOptions {
  relay?: string;
  profile?: string;
  passwordStdin?: boolean;
  passwordFile?: string;
}
