import { withAccount } from "../account.ts";
import { defineCommand } from "../command.ts";

export const unfriend = defineCommand<[username: string]>({
  name: "unfriend",
  summary: "End a friendship: they read nothing new of yours",
  details: "What they have read they may have kept. You read nothing new of theirs either.",
  arguments: [["<username>", "the friend"]],
  examples: [["peerbrain unfriend bob", "from your next thought on, bob's keys open nothing"]],
  finishesWhenInterrupted: true,
  async run(context, [username]) {
    const { terminal } = context;
    await withAccount(context, async (account) => {
      await terminal.during("Changing keys", account.friends.end(username));
      terminal.tell(`You and ${username} are not friends any more.`);
    });
  },
});
