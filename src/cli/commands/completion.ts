import { UsageError } from "../command-error.ts";
import { defineCommand } from "../command.ts";
import { completionScript, isShell, SHELLS } from "../completion-script.ts";
import { GLOBAL_OPTIONS } from "../global-options.ts";

export const completion = defineCommand<[shell: string]>({
  name: "completion",
  summary: "Print the completion script of a shell",
  arguments: [["<shell>", SHELLS.join(", ")]],
  examples: [
    ["source <(peerbrain completion bash)", "bash, zsh: for this session; in ~/.bashrc or ~/.zshrc for all"],
    ["peerbrain completion fish > ~/.config/fish/completions/peerbrain.fish", "fish, for all sessions"],
  ],
  async run({ terminal, commands }, [shell]) {
    if (!isShell(shell)) throw new UsageError(`There is no completion for ${shell}: ask for ${SHELLS.join(", ")}.`);
    terminal.print(completionScript(shell, commands, GLOBAL_OPTIONS));
  },
});
