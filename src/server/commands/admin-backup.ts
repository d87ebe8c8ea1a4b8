import { type OperatorCommand, JSON_OPTION, saidSettings, settingOptions } from "./command.ts";

const DATA = settingOptions("PEERBRAIN_DATA");

export const adminBackup: OperatorCommand = {
  name: "backup",
  summary: "Write all that the relay keeps into one file",
  details: "While the relay runs or not; the file shows one moment. With relay.keys in it, whoever has the file can guess weak passwords and pass for the relay: keep it as secret as the relay itself, or leave the keys out and keep them elsewhere.",
  arguments: [["<file>", "where to; it must not be there yet"]],
  options: [["--without-keys", "leave relay.keys out, which never changes and is kept elsewhere"], ...DATA],
  examples: [["peerbrain admin backup relay.backup", "all in one"], ["peerbrain admin backup --without-keys relay.backup", "of no use to a thief without relay.keys"]],
  async run(line) {
    const { backUp } = await import("../admin/backup.ts");
    await backUp(saidSettings(line), line.args[0] ?? "", line.options["without-keys"] !== true);
    return 0;
  },
};

export const adminRestore: OperatorCommand = {
  name: "restore",
  summary: "Put a backup into an empty data folder",
  details: "Or into the empty database of DATABASE_URL, and relay.keys into the empty data folder. Nothing is ever overwritten, and a damaged file is noticed before anything is made.",
  arguments: [["<file>", "the backup"]],
  options: [["--check", "only read the file to its end and say what is in it"], ["--keys <file>", "relay.keys, for a backup without it"], JSON_OPTION, ...DATA],
  examples: [["peerbrain admin restore --check relay.backup", "is it whole?"], ["peerbrain admin restore relay.backup --data /srv/relay", "into a new data folder"]],
  async run(line) {
    const { printBackupCheck, restore } = await import("../admin/restore.ts");
    const [file = ""] = line.args;
    const keys = line.options["keys"];
    if (line.options["check"] === true) await printBackupCheck(file, line.options["json"] === true);
    else await restore(saidSettings(line), file, typeof keys === "string" ? keys : undefined);
    return 0;
  },
};
