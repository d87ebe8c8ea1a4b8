import { withAccount } from "../account.ts";
import { UsageError } from "../command-error.ts";
import { defineCommand } from "../command.ts";

export const reset = defineCommand<[], { leaked?: boolean }>({
  name: "reset",
  summary: "After a leaked password or a stolen device: new keys, password and recovery code",
  details: "Shuts out whoever has the old ones; all other sessions end. Friends are told that your identity card changed, and compare safety numbers with you again. Prints a new recovery code: write it down.",
  options: [["--leaked", "yes, everything old may be in wrong hands"]],
  examples: [["peerbrain reset --leaked", "asks for the present password and a new one"]],
  finishesWhenInterrupted: true,
  async run(context, _, { leaked }) {
    const { terminal, passwords } = context;
    if (!leaked) throw new UsageError("This replaces your keys, and friends have to verify you again. If that is what you want: peerbrain reset --leaked");
    await withAccount(context, async (account, profile) => {
      const present = await passwords.present("Present password");
      const fresh = await passwords.fresh();
      const recoveryCode = await terminal.during("Replacing keys", account.reset(present, fresh));
      await profile.changePassword(fresh);
      terminal.tell("Keys, password and recovery code are new, and all other sessions are over. Write the code down, it is shown once:");
      terminal.print(recoveryCode);
    });
  },
});
