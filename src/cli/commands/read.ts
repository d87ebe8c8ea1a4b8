import type { Horizon } from "../../client/index.ts";
import { withAccount } from "../account.ts";
import { defineCommand, JSON_OPTION } from "../command.ts";
import { limitOf, listThoughts, sinceOf } from "../list-thoughts.ts";
import { showThought, thoughtJson } from "../show-thought.ts";

const STANDARD_LIMIT = 20;

const HORIZON: Record<Horizon, string | undefined> = {
  beginning: undefined,
  "before-your-time": "What is older was written before you were friends.",
  withheld: "Some thoughts cannot be read: the relay withholds their keys, or they are still on their way.",
};

export const read = defineCommand<[username: string | undefined], { since?: string; limit?: string; all?: boolean; json?: boolean }>({
  name: "read",
  summary: "Read the thoughts of a friend, or your own",
  arguments: [["[username]", "whose; without it your own"]],
  options: [
    ["--since <time>", "30m, 12h, 3d, 2w or a date"],
    ["--limit <count>", `the newest so many; ${STANDARD_LIMIT} by default`],
    ["--all", "from the first one on"],
    JSON_OPTION,
  ],
  examples: [
    ["peerbrain read alice", "the newest, oldest first"],
    ["peerbrain read --all --json > thoughts.jsonl", "everything of your own, a line each"],
  ],
  async run(context, [username], { since, limit, all, json }) {
    const { terminal, now } = context;
    const sinceMs = sinceOf(since, now());
    const count = all ? undefined : limitOf(limit, STANDARD_LIMIT, sinceMs);
    await withAccount(context, async (account) => {
      const thoughts = await terminal.during("Reading", listThoughts(account, { authors: [username], limit: count, sinceMs }));
      const horizon = HORIZON[account.thoughts.horizon(username)];
      if (horizon !== undefined && (count === undefined || thoughts.length < count)) terminal.tell(terminal.paintNews("yellow", horizon));
      for (const thought of thoughts) {
        if (json) terminal.printJson(thoughtJson(thought));
        else terminal.print(showThought(thought, account.username, terminal.paint));
      }
      if (thoughts.length === 0) terminal.tell("There is nothing to read here yet.");
    });
  },
});
