import { withAccount } from "../account.ts";
import { defineCommand } from "../command.ts";

export const decline = defineCommand<[username: string]>({
  name: "decline",
  summary: "Decline somebody's request, or take back your own",
  arguments: [["<username>", "who asked, or whom you asked"]],
  examples: [["peerbrain decline mallory", "they may ask again"]],
  finishesWhenInterrupted: true,
  async run(context, [username]) {
    await withAccount(context, async ({ friends }) => {
      const { sent } = await friends.requests();
      const isOwn = sent.some((request) => request.username === username);
      await (isOwn ? friends.cancel(username) : friends.decline(username));
      context.terminal.tell(isOwn ? `Your request to ${username} is taken back.` : `The request of ${username} is declined.`);
    });
  },
});
