import { UsageError } from "../command-error.ts";
import { defineCommand } from "../command.ts";

/** For help and completion: src/bin.ts starts the relay itself, without anything of the command line. */
export const serve = defineCommand({
  name: "serve",
  summary: "Run a relay until it is told to stop",
  details: "A relay passes on what people sealed for each other, and reads none of it.\nEnvironment variables configure it; docs/CONFIGURATION.md describes each.",
  options: [
    ["--workers <count>", "in several processes on one port; SIGHUP replaces them one by one, without an interruption"],
    ["--restored", "the data come from a backup: each user's device shows its newest receipt before it writes on"],
  ],
  examples: [
    ["peerbrain serve", "until SIGTERM or Ctrl-C"],
    ["PEERBRAIN_PORT=8080 peerbrain serve --workers 4", "on another port, in four processes"],
  ],
  async run() {
    throw new UsageError("serve stands first and takes --workers and --restored only: peerbrain serve --workers 4");
  },
});
