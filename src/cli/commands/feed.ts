import type { Account } from "../../client/index.ts";
import { withAccount } from "../account.ts";
import { CommandError } from "../command-error.ts";
import { defineCommand, JSON_OPTION } from "../command.ts";
import { follow } from "../follow.ts";
import { limitOf, listThoughts, sinceOf } from "../list-thoughts.ts";
import { printableLine } from "../printable.ts";
import { showThought, thoughtJson } from "../show-thought.ts";

const STANDARD_LIMIT = 20;

export const feed = defineCommand<[], { follow?: boolean; author?: string; since?: string; limit?: string; json?: boolean }>({
  name: "feed",
  summary: "Read what your friends think, or watch it come in",
  options: [
    ["-f, --follow", "stay, and show what comes in until Ctrl-C"],
    ["--author <username>", "of one friend only"],
    ["--since <time>", "30m, 12h, 3d, 2w or a date"],
    ["--limit <count>", `the newest so many; ${STANDARD_LIMIT} by default`],
    JSON_OPTION,
  ],
  examples: [
    ["peerbrain feed", "the newest thoughts of all friends, oldest first"],
    ["peerbrain feed --follow", "and then live"],
    ["peerbrain feed --author alice --since 2d", "of one friend, of two days"],
    ["peerbrain feed --follow --json | jq -r .thought.text", "into a program, a line each"],
  ],
  finishesWhenInterrupted: true,
  async run(context, _, { follow: isFollowing, author, since, limit, json }) {
    const { terminal, now } = context;
    const sinceMs = sinceOf(since, now());
    const count = limitOf(limit, STANDARD_LIMIT, sinceMs);
    await withAccount(context, async (account, { isConnected }) => {
      const authors = author === undefined ? account.friends.list().map(({ username }) => username) : [author];
      if (author !== undefined) demandFriend(account, author);
      const thoughts = await terminal.during("Reading", listThoughts(account, { authors, limit: count, sinceMs }));
      for (const thought of thoughts) {
        if (json) terminal.printJson({ kind: "thought", thought: thoughtJson(thought) });
        else terminal.print(showThought(thought, account.username, terminal.paint));
      }
      tellGaps(account, authors, (line) => terminal.tell(terminal.paintNews("yellow", line)));
      if (isFollowing) await follow(context, account, { author, json: json === true, shown: thoughts, isConnected: isConnected() });
      else if (thoughts.length === 0) terminal.tell("There is nothing to read here yet.");
    });
  },
});

function demandFriend({ friends }: Account, author: string): void {
  if (friends.list().some(({ username }) => username === author)) return;
  throw new CommandError("NOT_FRIENDS", `You and ${author} are not friends, so there is nothing to read.`);
}

function tellGaps({ thoughts }: Account, authors: readonly string[], tell: (line: string) => void): void {
  for (const author of authors) {
    if (thoughts.horizon(author) === "withheld") tell(`Some thoughts of ${printableLine(author)} cannot be read: the relay withholds their keys, or they are still on their way.`);
  }
}
