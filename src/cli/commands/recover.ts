import { withNewAccount } from "../account.ts";
import { defineCommand } from "../command.ts";
import { demandNobody } from "../demand-nobody.ts";
import { KEEP_OPTION, keeperOf, keeperText } from "../keep-option.ts";
import { relayOf } from "../relay-of.ts";

export const recover = defineCommand<[username: string], { keep?: string }>({
  name: "recover",
  summary: "Sign in with the recovery code, and choose a new password",
  details: "Prints a new recovery code: write it down. A file or standard input gives the code, then the new password.",
  arguments: [["<username>", "who you are"]],
  options: [KEEP_OPTION],
  examples: [["peerbrain recover alice", "asks for the code and a new password"]],
  finishesWhenInterrupted: true,
  async run(context, [username], { keep }) {
    const { terminal, passwords } = context;
    const keeper = keeperOf(keep);
    await demandNobody(context, username);
    const relay = await relayOf(context);
    const recoveryCode = await passwords.secret(`Recovery code of ${username} on ${relay}`);
    const newPassword = await passwords.fresh();
    const { Account } = await import("../../client/index.ts");
    await withNewAccount(
      context,
      { relay, password: newPassword, keep: keeper },
      (options) => Account.recover({ ...options, username, recoveryCode, newPassword }),
      async ({ account, recoveryCode: next }, kept) => {
        terminal.tell(`You are ${terminal.paintNews("bold", account.username)} on ${relay}. ${keeperText(kept)}`);
        terminal.tell("The old recovery code is worth nothing any more. Write the new one down, it is shown once:");
        terminal.print(next);
      },
    );
  },
});
