import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Command } from "../../src/cli/command.ts";
import { commandGroups, relayCommands } from "../../src/cli/commands/index.ts";
import { ExitCode } from "../../src/cli/exit-code.ts";
import { peerbrain } from "./support.ts";

const commands = [...commandGroups.flatMap((group) => group.commands), ...relayCommands];

describe("every command", () => {
  const paths = commands.flatMap((command) => pathsOf(command, []));

  test.each(paths)("$path says what it takes, and shows it", async ({ path, command }) => {
    const { exitCode, out, err } = await peerbrain([...path.split(" "), "--help"]);
    expect([exitCode, err]).toEqual([0, ""]);
    expect(out).toContain(`Usage: peerbrain ${path}`);
    expect(out.replaceAll(/\s+/g, " ")).toContain(`${command.summary}.`);
    expect(out).toContain("Examples:");
    for (const [line] of command.examples) expect(out).toContain(line);
  });

  function pathsOf(command: Command, above: string[]): { path: string; command: Command }[] {
    const path = [...above, command.name];
    return [{ path: path.join(" "), command }, ...(command.commands ?? []).flatMap((child) => pathsOf(child, path))];
  }
});

test("docs/CLI.md knows every command and every exit code, and what answers in JSON", async () => {
  const page = await readFile(join(import.meta.dirname, "../../docs/CLI.md"), "utf8");
  const rowOf = (name: string): string => page.split("\n").find((line) => line.startsWith("| ") && new RegExp(`\`${name}\\b`).test(line.replace(/\|[^|]*\|$/, ""))) ?? "";
  for (const { name } of commands) expect(rowOf(name), name).not.toBe("");
  for (const code of Object.values(ExitCode)) expect(page).toContain(`| ${code} |`);
  const shapes = page.slice(page.indexOf("With `--json`"));
  for (const { name, options = [] } of commands) if (options.some(([notation]) => notation === "--json")) expect(shapes).toContain(`\`${name}\``);
});

describe("a wrong command line ends with 2, does nothing and says how it is meant", () => {
  test.each([
    { args: ["swerve"], says: ["unknown command 'swerve'", "Did you mean serve?"] },
    { args: ["serve", "--wokers", "4"], says: ["unknown option '--wokers'", "Did you mean --workers?"] },
    { args: ["completion"], says: ["missing required argument 'shell'"] },
    { args: ["completion", "ksh"], says: ["no completion for ksh", "bash, zsh, fish"] },
    { args: ["completion", "bash", "zsh"], says: ["too many arguments"] },
  ])("$args", async ({ args, says }) => {
    const { exitCode, out, err } = await peerbrain(args);
    expect([exitCode, out]).toEqual([2, ""]);
    for (const text of ["peerbrain: ", ...says]) expect(err).toContain(text);
    expect(err).not.toMatch(/\.[jt]s:\d/);
  });
});
