import type { Friend } from "../../client/index.ts";
import { withAccount } from "../account.ts";
import { defineCommand, JSON_OPTION } from "../command.ts";
import { showAuthor } from "../show-thought.ts";

const SHARING: Record<Friend["sharing"], string> = {
  everything: "reads everything of yours",
  "from-now-on": "reads what you wrote since you are friends",
  "everything-once-verified": "reads everything of yours once verified",
};

export const friends = defineCommand<[], { json?: boolean }>({
  name: "friends",
  summary: "List your friends, and how sure it is that it is them",
  options: [JSON_OPTION],
  examples: [["peerbrain friends", "with what they read of yours"]],
  async run(context, _, { json }) {
    const { terminal } = context;
    await withAccount(context, async ({ username: me, friends }) => {
      const all = [...friends.list().map((friend) => ({ ...friend, isSuspended: false })), ...friends.suspended().map((friend) => ({ ...friend, isSuspended: true }))];
      for (const { userId, username, verification, sharing, isSuspended } of all) {
        if (json) terminal.printJson({ username, userId: Buffer.from(userId).toString("base64url"), verification, sharing, isSuspended });
        else if (isSuspended) terminal.print(`${showAuthor({ username, verification }, me, terminal.paint)}  ${terminal.paint("red", `suspended: compare in person, peerbrain verify ${username}`)}`);
        else terminal.print(`${showAuthor({ username, verification }, me, terminal.paint)}  ${terminal.paint("dim", SHARING[sharing])}`);
      }
      if (all.length === 0) terminal.tell("You have no friends here yet. Begin with: peerbrain invite");
    });
  },
});
