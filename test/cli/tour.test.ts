import { mkdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTemporaryFolder, type TemporaryFolder } from "../support/folders.ts";
import { startTestRelay, type RunningRelay } from "../support/relay.ts";
import { CTRL_C, ENTER, openScreen, type Screen } from "./pseudo-terminal.ts";
import { bin, password } from "./support.ts";

const PROMPT = "tour> ";

let relay: RunningRelay;
let folder: TemporaryFolder;
beforeAll(async () => {
  [relay, folder] = await Promise.all([startTestRelay(), createTemporaryFolder()]);
});
afterAll(async () => {
  await relay.stop();
  await folder.remove();
});

interface Step {
  line: string;
  shows: string[];
  isStopped: boolean;
}

/** The tour of the README: what is typed, and what is shown then. */
async function readTour(): Promise<Step[]> {
  const readme = await readFile(join(import.meta.dirname, "../../README.md"), "utf8");
  const [, tour = ""] = /```console\n([\s\S]*?)```/.exec(readme) ?? [];
  const steps: Step[] = [];
  for (const text of tour.trimEnd().split("\n")) {
    const step = steps.at(-1);
    if (text.startsWith("$ ")) steps.push({ line: text.slice(2), shows: [], isStopped: false });
    else if (text === "^C" && step) step.isStopped = true;
    else step?.shows.push(text);
  }
  return steps;
}

test("the README's tour works as it is printed, typed into a shell at a terminal", { timeout: 240_000 }, async () => {
  const steps = await readTour();
  expect(steps.map(({ line }) => line.split(" ").slice(3).join(" ").split(" ")[0])).toEqual(expect.arrayContaining(["register", "befriend", "accept", "think", "feed", "verify", "search", "unfriend", "login"]));
  const programs = join(folder.path, "bin");
  await mkdir(programs);
  await symlink(bin, join(programs, "peerbrain"));
  const variables = { PATH: `${programs}:${process.env["PATH"] ?? ""}`, PS1: PROMPT, TZ: "UTC", HOME: folder.path, PEERBRAIN_HOME: join(folder.path, "home"), PEERBRAIN_RELAY: relay.origin, PEERBRAIN_KEYCHAIN: "off" };
  const screen = openScreen("bash", ["--norc", "--noprofile"], variables);
  try {
    await screen.see(PROMPT);
    for (const step of steps) await take(screen, step);
  } finally {
    screen.kill();
  }
});

/** Types one line, answers what it asks (a question begins with ◆), and compares what it shows. */
async function take(screen: Screen, { line, shows, isStopped }: Step): Promise<void> {
  screen.type(`${line}${ENTER}`);
  let shown = "";
  for (;;) {
    shown += await screen.see(isStopped ? /◆ [^\n]*\n|● live\n/ : /◆ [^\n]*\n|tour> $/);
    if (shown.endsWith(PROMPT) || shown.endsWith("● live\n")) break;
    screen.type(`${password}${ENTER}`);
  }
  if (isStopped) {
    screen.type(CTRL_C);
    shown += await screen.see(PROMPT);
  }
  for (const text of shows) expect(likeAny(shown).split("\n")).toContainEqual(likeAny(text).startsWith("You are ") ? expect.stringContaining(likeAny(text)) : likeAny(text));
}

/** Ids, times, codes and the relay's address differ from run to run. */
function likeAny(text: string): string {
  return text
    .replaceAll(/[0-9A-Z]{4}(-[0-9A-Z]{4}){6}/g, "CODE")
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d/g, "TIME")
    .replaceAll(/\b[0-9a-f]{10}\b/g, "ID")
    .replaceAll(/127\.0\.0\.1:\d+/g, "RELAY");
}
