import { withAccount } from "../account.ts";
import { defineCommand } from "../command.ts";
import { FROM_NOW_ON_OPTION } from "../from-now-on-option.ts";

export const accept = defineCommand<[username: string], { fromNowOn?: boolean }>({
  name: "accept",
  summary: "Become friends with somebody who asked",
  arguments: [["<username>", "who asked"]],
  options: [FROM_NOW_ON_OPTION],
  examples: [
    ["peerbrain accept bob", "bob reads what you wrote, and you what bob wrote"],
    ["peerbrain accept bob --from-now-on", "bob reads what you write from now on"],
  ],
  finishesWhenInterrupted: true,
  async run(context, [username], { fromNowOn }) {
    const { terminal } = context;
    await withAccount(context, async (account) => {
      await terminal.during("Accepting", account.friends.accept(username, fromNowOn ? { history: false } : {}));
      terminal.tell(`You and ${username} are friends as soon as ${username}'s device has heard of it. To know that it is ${username}: peerbrain verify ${username}`);
    });
  },
});
