import { access } from "node:fs/promises";
import { resolve } from "node:path";
import { withAccount } from "../account.ts";
import { CommandError, Interrupted } from "../command-error.ts";
import { defineCommand, JSON_OPTION } from "../command.ts";
import { printableLine } from "../printable.ts";
import { writePrivateFile } from "../private-file.ts";

export const exportCommand = defineCommand<[file: string], { json?: boolean }>({
  name: "export",
  summary: "Write one sealed file with everything that you can read",
  details:
    "Your own chain and those of your friends with receipts, identity cards, keys and proofs, checked before they are written. `peerbrain import` verifies and reads the file without any relay. It is sealed with a password of its own, which nobody can bring back. It holds no key that signs: it is no substitute for the recovery code.\n\nA file or standard input gives the session's password first where the session asks for one, then the archive's.",
  arguments: [["<file>", "the new file; one that exists stays as it is"]],
  options: [JSON_OPTION],
  examples: [["peerbrain export alice.peerbrain", "asks for a password for the file"]],
  finishesWhenInterrupted: true,
  async run(context, [file], { json }) {
    const { terminal, passwords, interrupted } = context;
    const path = resolve(file);
    if (await exists(path)) throw new CommandError("FILE_EXISTS", `${path} exists already, and was left alone. Name another file.`);
    await withAccount(context, async (account) => {
      const password = await passwords.fresh("Password for the archive");
      const omitted: string[] = [];
      const parts = stoppable(account.export(password, (username) => omitted.push(username)), interrupted);
      await terminal.during("Reading and checking everything", writePrivateFile(path, parts));
      for (const username of omitted) terminal.tell(terminal.paintNews("yellow", `The chain of ${printableLine(username)} is not in it: it is not believed, or the relay withholds it.`));
      if (json) return terminal.printJson({ file: path, omitted });
      terminal.tell(`Everything is in ${path}. Check it: peerbrain import ${file} --check`);
    });
  },
});

/** Ends with Interrupted at the next part, so that the one who writes takes back what is half done. */
async function* stoppable<T>(parts: AsyncIterable<T>, interrupted: AbortSignal): AsyncGenerator<T> {
  for await (const part of parts) {
    if (interrupted.aborted) throw new Interrupted();
    yield part;
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
