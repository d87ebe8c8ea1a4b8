import { withAccount } from "../account.ts";
import { defineCommand, JSON_OPTION } from "../command.ts";

export const invite = defineCommand<[], { anonymous?: boolean; qr?: boolean; light?: boolean; json?: boolean }>({
  name: "invite",
  summary: "Make a link, and its QR code, that proves who you are",
  details: "Give it away by a way that the relay has no hand in: on paper, in person, by another messenger.",
  options: [
    ["--anonymous", "without your name: nothing in it tells the relay whose it is"],
    ["--no-qr", "the link alone"],
    ["--light", "draw the code for dark letters on a light ground"],
    JSON_OPTION,
  ],
  examples: [
    ["peerbrain invite", "the code is drawn where people see it, and never into a pipe"],
    ["peerbrain invite --anonymous --no-qr", "a link to print on a card"],
  ],
  async run(context, _, { anonymous, qr, light = false, json }) {
    const { terminal } = context;
    await withAccount(context, async (account) => {
      const link = account.friends.inviteLink({ named: anonymous !== true });
      if (json) return terminal.printJson({ link });
      if (qr !== false && terminal.isOutputTerminal) {
        const { qrCodeText } = await import("../../client/index.ts");
        terminal.tell(qrCodeText(link, { lightGround: light }));
      }
      terminal.print(link);
    });
  },
});
