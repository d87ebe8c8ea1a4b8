import { adminBackup, adminRestore } from "./admin-backup.ts";
import { adminInvite, adminInviteOnly, adminInvitations, adminRevoke } from "./admin-invitations.ts";
import { adminDisable, adminEnable, adminStats, adminUsers } from "./admin-users.ts";
import type { OperatorCommand } from "./command.ts";

export const admin: OperatorCommand = {
  name: "admin",
  summary: "Look after the people and the data of the relay of this machine",
  details: "Works on the relay's data themselves, whether it runs or not. docs/ADMIN.md tells more.",
  examples: [["peerbrain admin users", "who is registered"]],
  commands: [adminUsers, adminDisable, adminEnable, adminInviteOnly, adminInvite, adminInvitations, adminRevoke, adminStats, adminBackup, adminRestore],
};
