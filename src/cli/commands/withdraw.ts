import { withAccount } from "../account.ts";
import { defineCommand } from "../command.ts";
import { findThought } from "../find-thought.ts";
import { shortId } from "../show-thought.ts";

export const withdraw = defineCommand<[id: string]>({
  name: "withdraw",
  summary: "Take a thought of yours back",
  details: "The relay deletes what was sealed. Who has read it keeps what they read.",
  arguments: [["<id>", "as it stands beside the thought; its first digits are enough"]],
  examples: [["peerbrain withdraw 3f9a21c04b", "with all its edits"]],
  finishesWhenInterrupted: true,
  async run(context, [id]) {
    const { terminal } = context;
    await withAccount(context, async (account) => {
      const thought = await findThought(account, id, [undefined]);
      await terminal.during("Withdrawing", account.thoughts.withdraw(thought.id));
      terminal.tell(`${terminal.paintNews("dim", shortId(thought.id))}  is withdrawn.`);
    });
  },
});
