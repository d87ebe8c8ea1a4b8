import type { Archive, ArchiveSummary, GivenBack } from "../../client/index.ts";
import { withAccount } from "../account.ts";
import { openArchiveFile, openVerifiedArchiveFile, orBroken, tellGivenBack } from "../archive-file.ts";
import { UsageError } from "../command-error.ts";
import { defineCommand, JSON_OPTION } from "../command.ts";
import type { Context } from "../context.ts";
import type { ExitCode } from "../exit-code.ts";
import { printableLine } from "../printable.ts";
import { showAuthor, showThought, showTime, thoughtJson } from "../show-thought.ts";

interface Options {
  check?: boolean;
  read?: boolean;
  author?: string;
  search?: string;
  json?: boolean;
}

export const importCommand = defineCommand<[file: string], Options>({
  name: "import",
  summary: "Check or read an exported file, or give a relay back what it lost",
  details:
    "With --check or --read no relay is asked and nobody has to be signed in. Without them a relay that was restored from an older backup is given back those entries of your own that the file holds and the relay lacks: up to the first thought that was withdrawn, the first new epoch or the first new card. Friends give back theirs. Where nobody is signed in any more, `peerbrain login --archive` does the same.\n\nA file or standard input gives the archive's password first, then the session's where the session asks for one.",
  arguments: [["<file>", "what `peerbrain export` wrote"]],
  options: [
    ["--check", "verify everything and say what is in it"],
    ["--read", "print the thoughts, chain by chain, oldest first"],
    ["--author <username>", "with --read: of one author"],
    ["--search <words>", "with --read: those that hold every word"],
    JSON_OPTION,
  ],
  examples: [
    ["peerbrain import alice.peerbrain --check", "is it whole, and whose words are in it?"],
    ["peerbrain import alice.peerbrain --read --author bob --json", "without any relay"],
    ["peerbrain import alice.peerbrain", "after the relay was restored from an older backup"],
  ],
  finishesWhenInterrupted: true,
  async run(context, [file], options) {
    const { check, read, author, search } = options;
    if (check && read) throw new UsageError("Give either --check or --read.");
    if (!read && (author !== undefined || search !== undefined)) throw new UsageError("--author and --search go with --read.");
    if (check) return checkArchive(context, file, options);
    if (read) return readArchive(context, file, options);
    return giveBack(context, file, options);
  },
});

async function checkArchive(context: Context, file: string, { json }: Options): Promise<void> {
  const { terminal } = context;
  const archive = await openArchiveFile(context, file);
  const summary = await orBroken(file, terminal.during("Checking everything", archive.verify()));
  if (json) return terminal.printJson(summaryJson(summary));
  const { username, relay, createdMs, entries, chains, proofs } = summary;
  terminal.print(`${terminal.paint("bold", printableLine(username))} on ${printableLine(relay)}, written ${showTime(createdMs)}: everything holds, ${entries} entries`);
  for (const chain of chains) {
    const unreadable = chain.unreadable > 0 ? `, ${chain.unreadable} unreadable` : "";
    terminal.print(`  ${showAuthor(chain, username, terminal.paint)}  places ${chain.fromSeq} to ${chain.toSeq}, ${chain.thoughts} ${chain.thoughts === 1 ? "thought" : "thoughts"}, ${chain.withdrawn} withdrawn${unreadable}`);
  }
  for (const { kind, seq } of proofs) terminal.print(`  a proof of ${kind === "fork" ? "a fork" : "two receipts"} at place ${seq}`);
}

async function readArchive(context: Context, file: string, options: Options): Promise<void> {
  const archive = await openArchiveFile(context, file);
  const count = await orBroken(file, printThoughts(context, archive, options));
  if (count === 0) context.terminal.tell("There is no such thought in it.");
}

async function printThoughts({ terminal, interrupted }: Context, archive: Archive, { author, search, json }: Options): Promise<number> {
  const { username } = await archive.about();
  const wanted = { ...(author !== undefined && { author }), ...(search !== undefined && { words: search }) };
  const thoughts = archive.thoughts(wanted)[Symbol.asyncIterator]();
  let count = 0;
  // All of it is verified before the first one comes.
  for (let next = await terminal.during("Checking everything", thoughts.next()); !next.done && !interrupted.aborted; next = await thoughts.next()) {
    count += 1;
    if (json) terminal.printJson(thoughtJson(next.value));
    else terminal.print(showThought(next.value, username, terminal.paint));
  }
  return count;
}

async function giveBack(context: Context, file: string, { json }: Options): Promise<ExitCode> {
  const { terminal } = context;
  const archive = await openVerifiedArchiveFile(context, file);
  const report = async ({ givenBack = { given: 0, left: 0 } }: { givenBack: GivenBack | undefined }): Promise<ExitCode> => {
    if (json) terminal.printJson(givenBack);
    return tellGivenBack(terminal, givenBack);
  };
  return withAccount(context, report, { archive });
}

function summaryJson({ username, userId, relay, createdMs, entries, chains, proofs }: ArchiveSummary): object {
  return {
    username,
    userId: Buffer.from(userId).toString("base64url"),
    relay,
    createdAt: new Date(createdMs).toISOString(),
    entries,
    chains: chains.map((chain) => ({ ...chain, userId: Buffer.from(chain.userId).toString("base64url") })),
    proofs: proofs.map(({ kind, author, seq, bytes }) => ({ kind, author: Buffer.from(author).toString("base64url"), seq, bytes: Buffer.from(bytes).toString("base64url") })),
  };
}
