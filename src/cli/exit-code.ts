/** What a command ends with; docs/CLI.md tells people and scripts. */
export const ExitCode = {
  DONE: 0,
  /** Refused or failed: the text says what to do. */
  FAILED: 1,
  /** The command line itself is wrong. Nothing was done. */
  USAGE: 2,
  /** Nobody is signed in, or the password is wrong. */
  SIGNED_OUT: 3,
  /** The relay gave no answer: later the same may work. */
  UNREACHABLE: 4,
  /** The relay contradicts itself or what was seen before: do not go on with it. */
  DISHONEST: 5,
  /** Stopped by Ctrl-C. */
  INTERRUPTED: 130,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
