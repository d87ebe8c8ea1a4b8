import { withAccount } from "../account.ts";
import { defineCommand } from "../command.ts";
import { printableLine } from "../printable.ts";
import { FROM_NOW_ON_OPTION } from "../from-now-on-option.ts";

export const befriend = defineCommand<[whom: string], { fromNowOn?: boolean }>({
  name: "befriend",
  summary: "Ask somebody to become friends",
  details: "Accepts instead if they asked first. An invite link proves who made it; a name is what the relay says.",
  arguments: [["<whom>", "an invite link, a user name or an e-mail address"]],
  options: [FROM_NOW_ON_OPTION],
  examples: [
    ["peerbrain befriend 'https://relay.example/invite/alice#…'", "by an invite link: verified from the start"],
    ["peerbrain befriend alice", "by name: compare safety numbers later"],
  ],
  finishesWhenInterrupted: true,
  async run(context, [whom], { fromNowOn }) {
    const { terminal } = context;
    await withAccount(context, async (account) => {
      const before = new Set(account.friends.list().map(({ username }) => username));
      const target = /^https?:\/\//.test(whom) ? { link: whom } : whom.includes("@") ? { email: whom } : whom;
      await terminal.during("Asking", account.friends.request(target, fromNowOn ? { history: false } : {}));
      const friend = account.friends.list().find(({ username }) => !before.has(username));
      if (friend) return terminal.tell(`${printableLine(friend.username)} had asked you: you are friends now.`);
      terminal.tell(`Asked. They accept with: peerbrain accept ${account.username}`);
    });
  },
});
