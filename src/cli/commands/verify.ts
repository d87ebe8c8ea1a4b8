import { withAccount } from "../account.ts";
import { defineCommand, JSON_OPTION } from "../command.ts";
import { UsageError } from "../command-error.ts";

const DIGITS_A_GROUP = 5;
const GROUPS_A_LINE = 6;

export const verify = defineCommand<[username: string], { number?: string; link?: string; undo?: boolean; json?: boolean }>({
  name: "verify",
  summary: "Compare the safety number with a friend",
  details: "Both of you see the same number if nobody stands between you. Compare it where the relay has no hand in: in person, by telephone.",
  arguments: [["<username>", "the friend"]],
  options: [
    ["--number <digits>", "the number that your friend sees: verified if it is yours, refused if not"],
    ["--link <link>", "an invite link that your friend showed you"],
    ["--undo", "take back that they are verified"],
    JSON_OPTION,
  ],
  examples: [
    ["peerbrain verify bob", "shows the number, and asks whether bob has the same"],
    ["peerbrain verify bob --number '02134 55012 …'", "compares it for you"],
  ],
  finishesWhenInterrupted: true,
  async run(context, [username], { number, link, undo, json }) {
    const { terminal } = context;
    if ([number, link, undo].filter((choice) => choice !== undefined).length > 1) throw new UsageError("Give one of --number, --link and --undo.");
    await withAccount(context, async ({ friends }) => {
      const isSuspended = friends.suspended().some((friend) => friend.username === username);
      const confirm = (compared: string): Promise<void> => (isSuspended ? friends.reinstate(username, compared) : friends.markVerified(username, compared));
      if (undo) {
        await friends.markUnverified(username);
        return terminal.tell(`${username} is not verified any more.`);
      }
      if (link !== undefined) await friends.verifyByLink(link);
      else if (number !== undefined) await confirm(number);
      else {
        const own = await friends.safetyNumber(username);
        if (json) return terminal.printJson({ username, safetyNumber: groupsOf(own).join(" ") });
        terminal.print(linesOf(own).join("\n"));
        if (!terminal.isInteractive || !terminal.isOutputTerminal) return;
        if (!(await terminal.confirm(`Does ${username} see the same number?`))) return terminal.tell(`Nothing was changed. If ${username} sees another number, somebody stands between you.`);
        await confirm(own);
      }
      terminal.tell(`${username} is verified.`);
    });
  },
});

function groupsOf(number: string): string[] {
  return number.replace(/\D/g, "").match(new RegExp(`\\d{${DIGITS_A_GROUP}}`, "g")) ?? [];
}

function linesOf(number: string): string[] {
  const groups = groupsOf(number);
  return [groups.slice(0, GROUPS_A_LINE).join(" "), groups.slice(GROUPS_A_LINE).join(" ")];
}
