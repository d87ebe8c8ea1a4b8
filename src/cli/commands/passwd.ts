import { withAccount } from "../account.ts";
import { defineCommand } from "../command.ts";

export const passwd = defineCommand({
  name: "passwd",
  summary: "Change the password; other sessions end",
  details: "For a password that leaked or a device that was stolen there is `peerbrain reset --leaked`. A file or standard input gives the present password, then the new one.",
  examples: [["peerbrain passwd", "asks for the present password and the new one"]],
  finishesWhenInterrupted: true,
  async run(context) {
    const { terminal, passwords } = context;
    await withAccount(context, async (account, profile) => {
      const present = await passwords.present("Present password");
      const fresh = await passwords.fresh();
      await terminal.during("Changing the password", account.changePassword(present, fresh));
      await profile.changePassword(fresh);
      terminal.tell("The password is changed. Other sessions are over; the recovery code stays.");
    });
  },
});
