import { withAccount } from "../account.ts";
import { defineCommand, JSON_OPTION } from "../command.ts";
import { printableLine } from "../printable.ts";

export const find = defineCommand<[prefix: string], { json?: boolean }>({
  name: "find",
  summary: "Find users by how their names begin",
  arguments: [["<prefix>", "the first characters of the name"]],
  options: [JSON_OPTION],
  examples: [["peerbrain find al", "alice, alan … as the relay tells them"]],
  async run(context, [prefix], { json }) {
    const { terminal } = context;
    await withAccount(context, async (account) => {
      const found = await terminal.during("Looking", account.findUsers(prefix));
      for (const username of found) {
        if (json) terminal.printJson({ username });
        else terminal.print(printableLine(username));
      }
      if (found.length === 0) terminal.tell(`Nobody's name begins with ${prefix} on this relay.`);
    });
  },
});
