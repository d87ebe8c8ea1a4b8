import type { FriendRequest } from "../../client/index.ts";
import { withAccount } from "../account.ts";
import { defineCommand, JSON_OPTION } from "../command.ts";
import { printableLine } from "../printable.ts";
import { showTime } from "../show-thought.ts";

export const requests = defineCommand<[], { json?: boolean }>({
  name: "requests",
  summary: "List the requests that wait for an answer",
  options: [JSON_OPTION],
  examples: [["peerbrain requests", "yours and those of others"]],
  async run(context, _, { json }) {
    const { terminal } = context;
    await withAccount(context, async (account) => {
      const { received, sent } = await account.friends.requests();
      const show = (direction: "received" | "sent", says: string) => ({ username, userId, expiresAtMs }: FriendRequest): void => {
        const expiresAt = new Date(expiresAtMs).toISOString();
        if (json) terminal.printJson({ direction, username, userId: Buffer.from(userId).toString("base64url"), expiresAt });
        else terminal.print(`${terminal.paint("bold", printableLine(username))} ${says}  ${terminal.paint("dim", `until ${showTime(expiresAtMs)}`)}`);
      };
      received.forEach(show("received", "asks you"));
      sent.forEach(show("sent", "was asked by you"));
      if (received.length + sent.length === 0) terminal.tell("No request waits for an answer.");
    });
  },
});
