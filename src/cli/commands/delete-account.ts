import { withAccount } from "../account.ts";
import { UsageError } from "../command-error.ts";
import { defineCommand } from "../command.ts";
import type { Context } from "../context.ts";

export const deleteAccount = defineCommand<[], { yes?: boolean }>({
  name: "delete-account",
  summary: "Delete your account for good: thoughts, friendships, keys and sessions",
  details: "Nobody can undo this, and nobody ever gets your name again, not even you. What friends have read they may have kept. Always asks for the password.",
  options: [["--yes", "do not ask for the user name to be typed"]],
  examples: [["peerbrain delete-account", "asks for your user name and your password"]],
  finishesWhenInterrupted: true,
  async run(context, _, { yes }) {
    const { terminal, passwords } = context;
    await withAccount(context, async (account, profile) => {
      const { username } = account;
      if (!yes) await demandTyped(context, username);
      const password = await passwords.present(`Password of ${username}`);
      await terminal.during("Deleting everything", account.delete(password));
      await profile.forget();
      terminal.tell(`The account of ${username} on ${profile.note.relay} is deleted, and this device has forgotten its keys.`);
    });
  },
});

async function demandTyped({ terminal }: Context, username: string): Promise<void> {
  if (!terminal.isInteractive) throw new UsageError("This deletes the account for good. If that is what you want: peerbrain delete-account --yes");
  const typed = await terminal.askText(`Everything of ${username} goes, for good. Type the user name to go on`);
  if (typed !== username) throw new UsageError("That is not your user name. Nothing was deleted.");
}
