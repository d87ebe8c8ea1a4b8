import { type OperatorCommand, JSON_OPTION, saidSettings, settingOptions } from "./command.ts";

const DATA = settingOptions("PEERBRAIN_DATA");
const USES = "1";
const DAYS = "30";

export const adminInviteOnly: OperatorCommand = {
  name: "invite-only",
  summary: "Let only people register who have an invitation, or everybody again",
  details: "A running relay does so at once. Who is registered stays.",
  arguments: [["<on|off>", "on, or off: open to all"]],
  options: DATA,
  examples: [["peerbrain admin invite-only on", "from now on"]],
  async run(line) {
    const { setInviteOnly } = await import("../admin/invitations.ts");
    await setInviteOnly(saidSettings(line), line.args[0] ?? "");
    return 0;
  },
};

export const adminInvite: OperatorCommand = {
  name: "invite",
  summary: "Make an invitation and print its code",
  details: "The code is shown once: the relay keeps a hash of it.",
  options: [["--uses <count>", `how many people may register with it, initially ${USES}`], ["--days <count>", `how long it is valid, initially ${DAYS}`], JSON_OPTION, ...DATA],
  examples: [["peerbrain admin invite", "for one person"], ["peerbrain admin invite --uses 20 --days 7", "for a group, for a week"]],
  async run(line) {
    const { printNewInvitation } = await import("../admin/invitations.ts");
    const { uses = USES, days = DAYS, json } = line.options;
    await printNewInvitation(saidSettings(line), { uses: String(uses), days: String(days), isJson: json === true });
    return 0;
  },
};

export const adminInvitations: OperatorCommand = {
  name: "invitations",
  summary: "List invitations, and whether one is needed",
  options: [JSON_OPTION, ...DATA],
  examples: [["peerbrain admin invitations", "used up and expired ones too"]],
  async run(line) {
    const { printInvitations } = await import("../admin/invitations.ts");
    await printInvitations(saidSettings(line), line.options["json"] === true);
    return 0;
  },
};

export const adminRevoke: OperatorCommand = {
  name: "revoke",
  summary: "Take an invitation back",
  arguments: [["<id>", "as the list of invitations names it"]],
  options: DATA,
  examples: [["peerbrain admin revoke Wq3x_9aZ", "nobody registers with it any more"]],
  async run(line) {
    const { revokeInvitation } = await import("../admin/invitations.ts");
    await revokeInvitation(saidSettings(line), line.args[0] ?? "");
    return 0;
  },
};
