import { withAccount } from "../account.ts";
import { defineCommand, JSON_OPTION } from "../command.ts";
import { findThought } from "../find-thought.ts";
import { readText } from "../read-text.ts";
import { shortId, thoughtJson } from "../show-thought.ts";

export const edit = defineCommand<[id: string, words: string[]], { json?: boolean }>({
  name: "edit",
  summary: "Give a thought of yours another text",
  arguments: [["<id>", "as it stands beside the thought; its first digits are enough"], ["[text...]", "without it: standard input, or on a terminal your editor"]],
  options: [JSON_OPTION],
  examples: [
    ["peerbrain edit 3f9a21c04b Good evening", "the words as they stand"],
    ["peerbrain edit 3f9a", "in your editor, with the text of now"],
  ],
  finishesWhenInterrupted: true,
  async run(context, [id, words], { json }) {
    const { terminal } = context;
    await withAccount(context, async (account) => {
      const before = await findThought(account, id, [undefined]);
      const text = await readText(context, words, before.text);
      const thought = await terminal.during("Sealing and sending", account.thoughts.edit(before.id, text));
      if (json) terminal.printJson(thoughtJson(thought));
      else terminal.tell(`${terminal.paintNews("dim", shortId(thought.id))}  has a new text.`);
    });
  },
});
