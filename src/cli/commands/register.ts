import { UsageError } from "../command-error.ts";
import { defineCommand, JSON_OPTION } from "../command.ts";
import { demandNobody } from "../demand-nobody.ts";
import { KEEP_OPTION, keeperOf, keeperText } from "../keep-option.ts";
import { relayOf } from "../relay-of.ts";
import { withNewAccount } from "../account.ts";

export const register = defineCommand<[username: string | undefined], { email?: string; invitation?: string; keep?: string; json?: boolean }>({
  name: "register",
  summary: "Become a user of a relay",
  details: "Prints the recovery code: write it down. Without password and code nobody can bring your account back.",
  arguments: [["[username]", "how others find you; asked for if it is missing"]],
  options: [["--email <address>", "to be found by; the relay gets a hash of it"], ["--invitation <code>", "from whoever runs the relay, where one is needed"], KEEP_OPTION, JSON_OPTION],
  examples: [
    ["peerbrain register alice", "on the relay of this machine"],
    ["peerbrain --relay relay.example register alice", "on another one"],
    ["peerbrain register bot --keep file --password-file ./password", "from a script"],
  ],
  finishesWhenInterrupted: true,
  async run(context, [given], { email, invitation, keep, json }) {
    const { terminal, passwords } = context;
    const keeper = keeperOf(keep);
    await demandNobody(context);
    const relay = await relayOf(context);
    const username = given ?? (terminal.isInteractive ? await terminal.askText("User name") : undefined);
    if (!username) throw new UsageError("Say under which name: peerbrain register alice");
    const password = await passwords.fresh(`Password for ${username} on ${relay}`);
    const { Account } = await import("../../client/index.ts");
    await withNewAccount(
      context,
      { relay, password, keep: keeper },
      (options) => Account.register({ ...options, username, password, ...(email !== undefined && { email }), ...(invitation !== undefined && { invitation }) }),
      async ({ account, recoveryCode }, kept) => {
        if (json) return terminal.printJson({ username: account.username, relay, recoveryCode });
        terminal.tell(`You are ${terminal.paintNews("bold", account.username)} on ${relay}. ${keeperText(kept)}`);
        terminal.tell("Your recovery code brings everything back without the password. Write it down, it is shown once:");
        terminal.print(recoveryCode);
      },
    );
  },
});
