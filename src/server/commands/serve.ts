import { saidSettings, settingOptions, type OperatorCommand } from "./command.ts";

export const serve: OperatorCommand = {
  name: "serve",
  summary: "Run a relay until it is told to stop",
  details: "A relay passes on what people sealed for each other, and reads none of it. Every option stands for a variable of the environment, which docs/CONFIGURATION.md describes, and goes before it.",
  options: [["--restored", "the data come from a backup: each user's device shows its newest receipt before it writes on"], ...settingOptions()],
  examples: [
    ["peerbrain serve", "until SIGTERM or Ctrl-C"],
    ["peerbrain serve --port 8080 --workers 4", "on another port, in four processes"],
  ],
  async run(line) {
    const { runRelay } = await import("../serve.ts");
    await runRelay(saidSettings(line), line.options["restored"] === true);
    return 0;
  },
};
