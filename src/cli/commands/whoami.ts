import { withAccount } from "../account.ts";
import { defineCommand, JSON_OPTION } from "../command.ts";
import { profileOf } from "../profile.ts";

export const whoami = defineCommand<[], { json?: boolean }>({
  name: "whoami",
  summary: "Show who is signed in, where, and how",
  options: [JSON_OPTION],
  examples: [
    ["peerbrain whoami", "of this profile"],
    ["peerbrain --profile work whoami --json", "of another one, for a program"],
  ],
  async run(context, _, { json }) {
    const { terminal } = context;
    const profile = profileOf(context).name;
    await withAccount(context, async ({ username, userId }, { note: { relay, keeper } }) => {
      const shown = { username, userId: Buffer.from(userId).toString("base64url"), relay, profile, keeper };
      if (json) return terminal.printJson(shown);
      terminal.print(`${terminal.paint("bold", username)} on ${relay}`);
      for (const [name, value] of [["user id", shown.userId], ["profile", profile], ["key kept in", keeper]]) terminal.print(`  ${name?.padEnd(12)} ${value}`);
    });
  },
});
