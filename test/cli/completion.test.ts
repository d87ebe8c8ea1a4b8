import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { commandGroups, relayCommands } from "../../src/cli/commands/index.ts";
import { findProgram } from "../support/find-program.ts";
import { peerbrain } from "./support.ts";

const LINES = [
  { line: "peerbrain comp", words: ["completion"] },
  { line: "peerbrain serve --res", words: ["--restored"] },
  { line: "peerbrain --profile serve com", words: ["completion"] },
  { line: "peerbrain admin back", words: ["backup"] },
];

/** How each shell is asked what it would offer, after it was told by our script. */
const ASK = {
  bash: (typed: string[]) => ({ args: ["--norc", "-c"], question: `COMP_WORDS=(${typed.join(" ")}); COMP_CWORD=${typed.length - 1}; _peerbrain; printf '%s\\n' "\${COMPREPLY[@]}"` }),
  // Outside of its line editor zsh only has the function: it puts what it offers before what the editor would filter.
  zsh: (typed: string[]) => ({
    args: ["-f", "-c"],
    preamble: "compdef() { : }; _describe() { print -l -- ${(P)2} };",
    question: `words=(${typed.join(" ")}); CURRENT=${typed.length}; _peerbrain | sed 's/:.*//' | grep -e '^${typed.at(-1)}'`,
  }),
  fish: (typed: string[]) => ({ args: ["--no-config", "-c"], question: `complete -C '${typed.join(" ")}' | string split -f 1 \\t` }),
};

describe.each(Object.entries(ASK))("completion in %s", (shell, ask) => {
  const program = findProgram(shell);
  if (program === undefined) process.stderr.write(`NO ${shell.toUpperCase()}: there is no ${shell} on this machine, so completion is not tried in it.\n`);

  test("knows every command", async () => {
    const { out } = await peerbrain(["completion", shell]);
    for (const { name } of [...commandGroups.flatMap((group) => group.commands), ...relayCommands]) expect(out).toContain(name);
  });

  test.skipIf(program === undefined).each(LINES)("offers what may follow $line", async ({ line, words }) => {
    const { out: script } = await peerbrain(["completion", shell]);
    const { args, question, preamble = "" } = { preamble: "", ...ask(line.split(" ")) };
    const { stdout } = await promisify(execFile)(program ?? "", [...args, `${preamble}\n${script}\n${question}`]);
    expect(stdout.trim().split("\n")).toEqual(words);
  });
});
