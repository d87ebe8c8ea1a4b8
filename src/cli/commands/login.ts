import { withNewAccount } from "../account.ts";
import { UsageError } from "../command-error.ts";
import { defineCommand } from "../command.ts";
import { demandNobody } from "../demand-nobody.ts";
import { KEEP_OPTION, keeperOf, keeperText } from "../keep-option.ts";
import { profileOf } from "../profile.ts";
import { relayOf } from "../relay-of.ts";
import { readSessionNote } from "../session-file.ts";

export const login = defineCommand<[username: string | undefined], { keep?: string }>({
  name: "login",
  summary: "Sign in on this device, and bring everything back",
  arguments: [["[username]", "who you are; the one of this profile if it is missing"]],
  options: [KEEP_OPTION],
  examples: [
    ["peerbrain login alice", "on the relay of this machine"],
    ["peerbrain --relay relay.example --profile work login alice", "elsewhere, beside another user"],
    ["pass show peerbrain | peerbrain login alice --password-stdin", "from a password store"],
  ],
  finishesWhenInterrupted: true,
  async run(context, [given], { keep }) {
    const { terminal, passwords } = context;
    const keeper = keeperOf(keep);
    const before = (await readSessionNote(profileOf(context)))?.username;
    const username = given ?? before ?? (terminal.isInteractive ? await terminal.askText("User name") : undefined);
    if (!username) throw new UsageError("Say who you are: peerbrain login alice");
    await demandNobody(context, username);
    const relay = await relayOf(context);
    const password = await passwords.present(`Password of ${username} on ${relay}`);
    const { Account } = await import("../../client/index.ts");
    await withNewAccount(
      context,
      { relay, password, keep: keeper },
      async (options) => ({ account: await Account.login({ ...options, username, password }) }),
      async ({ account }, kept) => terminal.tell(`You are ${terminal.paintNews("bold", account.username)} on ${relay}. ${keeperText(kept)}`),
    );
  },
});
