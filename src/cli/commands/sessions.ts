import { withAccount } from "../account.ts";
import { UsageError } from "../command-error.ts";
import { defineCommand, JSON_OPTION } from "../command.ts";
import { printableLine } from "../printable.ts";
import { showTime } from "../show-thought.ts";

const end = defineCommand<[id: string | undefined], { others?: boolean }>({
  name: "end",
  summary: "Sign another device out",
  arguments: [["[id]", "of the session, as the list shows it; its first digits are enough"]],
  options: [["--others", "all sessions but this one"]],
  examples: [
    ["peerbrain sessions end 9b1c8e0d2f47a653", "one of the list"],
    ["peerbrain sessions end --others", "all but this one"],
  ],
  finishesWhenInterrupted: true,
  async run(context, [id], { others }) {
    if ((id === undefined) === (others !== true)) throw new UsageError("Name one session, or --others.");
    await withAccount(context, async (account) => {
      if (id === undefined) return context.terminal.tell(`Other sessions that are over now: ${await account.sessions.endOthers()}`);
      const meant = (await account.sessions.list()).filter((session) => hexOf(session.id).startsWith(id.toLowerCase()));
      const [only] = meant;
      if (only === undefined || meant.length > 1) throw new UsageError(`${id} names ${meant.length === 0 ? "no session" : "several sessions"}: see peerbrain sessions`);
      await account.sessions.end(only.id);
      context.terminal.tell(`${printableLine(only.deviceName)} is signed out.`);
    });
  },
});

export const sessions = defineCommand<[], { json?: boolean }>({
  name: "sessions",
  summary: "List the devices that are signed in",
  options: [JSON_OPTION],
  examples: [["peerbrain sessions", "with their ids"]],
  commands: [end],
  async run(context, _, { json }) {
    const { terminal } = context;
    await withAccount(context, async (account) => {
      for (const session of await account.sessions.list()) {
        const id = hexOf(session.id);
        const { deviceName, createdAt, refreshedAt, current: isCurrent } = session;
        if (json) terminal.printJson({ id, deviceName, isCurrent, createdAt: new Date(createdAt).toISOString(), refreshedAt: new Date(refreshedAt).toISOString() });
        else terminal.print(`${id}  ${showTime(refreshedAt)}  ${terminal.paint("bold", printableLine(deviceName))}${isCurrent ? terminal.paint("green", " (this one)") : ""}`);
      }
    });
  },
});

function hexOf(sessionId: string): string {
  return Buffer.from(sessionId, "base64url").toString("hex");
}
