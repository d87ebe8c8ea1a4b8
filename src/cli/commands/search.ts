import { withAccount } from "../account.ts";
import { defineCommand, JSON_OPTION } from "../command.ts";
import { showThought, thoughtJson } from "../show-thought.ts";

export const search = defineCommand<[words: string[]], { json?: boolean }>({
  name: "search",
  summary: "Search your thoughts and those of your friends",
  details: "Every word has to stand in the thought, whole or as a beginning. The words never leave this device.",
  arguments: [["<words...>", "what to look for"]],
  options: [JSON_OPTION],
  examples: [["peerbrain search garden tom", "tomatoes in the garden"]],
  async run(context, [words], { json }) {
    const { terminal } = context;
    await withAccount(context, async (account) => {
      const found = await terminal.during("Opening everything", account.search(words.join(" ")));
      found.sort((one, other) => one.receivedAtMs - other.receivedAtMs);
      for (const thought of found) {
        if (json) terminal.printJson(thoughtJson(thought));
        else terminal.print(showThought(thought, account.username, terminal.paint));
      }
      if (found.length === 0) terminal.tell("No thought holds all of these words.");
    });
  },
});
