import { withAccount } from "../account.ts";
import { defineCommand, JSON_OPTION } from "../command.ts";
import { findThought } from "../find-thought.ts";
import { readText } from "../read-text.ts";
import { shortId, thoughtJson } from "../show-thought.ts";

export const think = defineCommand<[words: string[]], { reply?: string; json?: boolean }>({
  name: "think",
  summary: "Write a thought for your friends",
  arguments: [["[text...]", "without it: standard input, or on a terminal your editor"]],
  options: [["--reply <id>", "answer a thought"], JSON_OPTION],
  examples: [
    ["peerbrain think Good morning", "the words as they stand"],
    ["peerbrain think < letter.txt", "a file"],
    ["peerbrain think", "in $VISUAL or $EDITOR"],
    ["peerbrain think --reply 3f9a21c04b Me too", "answers a thought of a friend's"],
  ],
  finishesWhenInterrupted: true,
  async run(context, [words], { reply, json }) {
    const { terminal } = context;
    const text = await readText(context, words);
    await withAccount(context, async (account) => {
      const authors = [undefined, ...account.friends.list().map(({ username }) => username)];
      const answered = reply === undefined ? undefined : await findThought(account, reply, authors);
      const thought = await terminal.during("Sealing and sending", account.thoughts.write(text, answered ? { reply: answered.id } : {}));
      if (json) return terminal.printJson(thoughtJson(thought));
      const readers = authors.length - 1;
      terminal.tell(`${terminal.paintNews("dim", shortId(thought.id))}  sealed for you and ${readers === 1 ? "one friend" : `${readers} friends`}.`);
    });
  },
});
