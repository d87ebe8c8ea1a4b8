import { type CommandLine, type OperatorCommand, JSON_OPTION, saidSettings, settingOptions } from "./command.ts";

const DATA = settingOptions("PEERBRAIN_DATA");

export const adminUsers: OperatorCommand = {
  name: "users",
  summary: "List who is registered, with what the relay keeps of them",
  arguments: [["[text]", "only those whose user name holds this"]],
  options: [JSON_OPTION, ...DATA],
  examples: [["peerbrain admin users", "all"], ["peerbrain admin users ali --json", "some, for a program"]],
  async run(line) {
    const { printUsers } = await import("../admin/users.ts");
    await printUsers(saidSettings(line), line.args[0] ?? "", line.options["json"] === true);
    return 0;
  },
};

export const adminDisable: OperatorCommand = {
  name: "disable",
  summary: "End a user's sessions and let them in no more",
  details: "Nothing of theirs is removed, and friends go on reading what they wrote. A running relay closes their sockets within ten seconds.",
  arguments: [["<username>", "who"]],
  options: DATA,
  examples: [["peerbrain admin disable mallory", "until it is undone"]],
  async run(line) {
    const { disableUser } = await import("../admin/users.ts");
    await disableUser(saidSettings(line), usernameOf(line));
    return 0;
  },
};

export const adminEnable: OperatorCommand = {
  name: "enable",
  summary: "Let a user in again",
  arguments: [["<username>", "who"]],
  options: DATA,
  examples: [["peerbrain admin enable mallory", "they sign in anew"]],
  async run(line) {
    const { enableUser } = await import("../admin/users.ts");
    await enableUser(saidSettings(line), usernameOf(line));
    return 0;
  },
};

export const adminStats: OperatorCommand = {
  name: "stats",
  summary: "Count what the relay keeps, and how much it is",
  options: [JSON_OPTION, ...DATA],
  examples: [["peerbrain admin stats", "for people"], ["peerbrain admin stats --json", "for programs"]],
  async run(line) {
    const { printStatistics } = await import("../admin/statistics.ts");
    await printStatistics(saidSettings(line), line.options["json"] === true);
    return 0;
  },
};

function usernameOf({ args: [username = ""] }: CommandLine): string {
  return username;
}
