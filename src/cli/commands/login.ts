import { withNewAccount } from "../account.ts";
import { openVerifiedArchiveFile, tellGivenBack } from "../archive-file.ts";
import { UsageError } from "../command-error.ts";
import { defineCommand } from "../command.ts";
import { demandNobody } from "../demand-nobody.ts";
import { KEEP_OPTION, keeperOf, keeperText } from "../keep-option.ts";
import { profileOf } from "../profile.ts";
import { relayOf } from "../relay-of.ts";
import { readSessionNote } from "../session-file.ts";

export const login = defineCommand<[username: string | undefined], { keep?: string; archive?: string }>({
  name: "login",
  summary: "Sign in on this device, and bring everything back",
  details: "With --archive, a file or standard input gives the archive's password first.",
  arguments: [["[username]", "who you are; the one of this profile if it is missing"]],
  options: [KEEP_OPTION, ["--archive <file>", "give the relay back what it lost of yours, as `peerbrain import` does, before anything is written"]],
  examples: [
    ["peerbrain login alice", "on the relay of this machine"],
    ["peerbrain --relay relay.example --profile work login alice", "elsewhere, beside another user"],
    ["peerbrain login alice --archive alice.peerbrain", "no device is left, and the relay was restored from a backup"],
    ["pass show peerbrain | peerbrain login alice --password-stdin", "from a password store"],
  ],
  finishesWhenInterrupted: true,
  async run(context, [given], { keep, archive: file }) {
    const { terminal, passwords } = context;
    const keeper = keeperOf(keep);
    const before = (await readSessionNote(profileOf(context)))?.username;
    const username = given ?? before ?? (terminal.isInteractive ? await terminal.askText("User name") : undefined);
    if (!username) throw new UsageError("Say who you are: peerbrain login alice");
    await demandNobody(context, username);
    const relay = await relayOf(context);
    const archive = file === undefined ? undefined : await openVerifiedArchiveFile(context, file);
    const password = await passwords.present(`Password of ${username} on ${relay}`);
    const { Account } = await import("../../client/index.ts");
    return withNewAccount(
      context,
      { relay, password, keep: keeper },
      async (options) => ({ account: await Account.login({ ...options, ...(archive && { archive }), username, password }) }),
      async ({ account }, kept) => {
        terminal.tell(`You are ${terminal.paintNews("bold", account.username)} on ${relay}. ${keeperText(kept)}`);
        return account.givenBack && tellGivenBack(terminal, account.givenBack);
      },
    );
  },
});
