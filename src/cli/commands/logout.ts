import { forgetHere, withAccount } from "../account.ts";
import { defineCommand } from "../command.ts";

export const logout = defineCommand({
  name: "logout",
  summary: "End the session of this device, and forget its keys",
  examples: [["peerbrain logout", "thoughts and friends stay: the next login brings them back"]],
  finishesWhenInterrupted: true,
  async run(context) {
    try {
      await withAccount(context, async (account, profile) => {
        await account.logout();
        await profile.forget();
        context.terminal.tell(`${account.username} is signed out.`);
      });
    } catch (error) {
      if ((error as { name?: unknown; code?: unknown }).name !== "ClientError" || (error as { code?: unknown }).code !== "SIGNED_OUT") throw error;
      // Another device ended it: what is left here opens nothing.
      await forgetHere(context);
      context.terminal.tell("The session was over already. This device has forgotten its keys.");
    }
  },
});
