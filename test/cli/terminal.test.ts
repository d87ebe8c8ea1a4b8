import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTemporaryFolder, type TemporaryFolder } from "../support/folders.ts";
import { startRelayProcess, type RelayProcess } from "../support/relay-process.ts";
import { CTRL_C, ENTER, openScreen, type Screen } from "./pseudo-terminal.ts";
import { bin, password, peerbrain } from "./support.ts";

let folder: TemporaryFolder;
let relay: RelayProcess;
let variables: Record<string, string>;
const screens: Screen[] = [];

beforeAll(async () => {
  folder = await createTemporaryFolder();
  relay = await startRelayProcess(join(folder.path, "data"));
  variables = { PEERBRAIN_HOME: join(folder.path, "home"), PEERBRAIN_RELAY: relay.origin, PEERBRAIN_KEYCHAIN: "off", HOME: folder.path, TZ: "UTC" };
});
afterAll(async () => {
  screens.forEach((screen) => screen.kill());
  relay.signal("SIGTERM");
  await relay.exited;
  await folder.remove();
});

/** `peerbrain` at a terminal. */
function at(...args: string[]): Screen {
  const screen = openScreen(process.execPath, [bin, ...args], variables);
  screens.push(screen);
  return screen;
}

async function run(...args: string[]): Promise<string> {
  const { exitCode, out, err } = await peerbrain(args, { variables });
  expect([exitCode, err]).toEqual([0, expect.any(String)]);
  return out.trim();
}

async function registerInFile(who: string): Promise<void> {
  const { exitCode } = await peerbrain(["--profile", who, "register", who, "--keep", "file", "--password-stdin"], { input: `${password}\n`, variables });
  expect(exitCode).toBe(0);
}

test("registering asks for the password twice, shows none of it, and the recovery code once", async () => {
  const screen = at("--profile", "ann", "register");
  await screen.see("User name");
  screen.type(`ann${ENTER}`);
  await screen.see("Password for ann");
  screen.type(`${password}${ENTER}`);
  await screen.see("The same again");
  screen.type(`${password}${ENTER}`);
  await screen.see(/\n[0-9A-Z]{4}(-[0-9A-Z]{4}){6}\n/);
  expect(await screen.ended).toBe(0);
  expect(screen.text).not.toContain(password.slice(0, 4));
});

test("Ctrl-C at a question ends with 130, and nothing was done", async () => {
  const screen = at("--profile", "nobody", "register", "nobody");
  await screen.see("Password for nobody");
  screen.type(CTRL_C);
  await screen.see("Stopped. Nothing was changed.");
  expect(await screen.ended).toBe(130);
  expect((await peerbrain(["--profile", "nobody", "whoami"], { variables })).exitCode).toBe(3);
});

test("a thought is written in the editor of one's choice", async () => {
  await registerInFile("bea");
  const editor = join(folder.path, "editor.sh");
  await writeFile(editor, "#!/bin/sh\nprintf 'written in an editor\\n' > \"$1\"\n");
  await chmod(editor, 0o700);
  const screen = openScreen(process.execPath, [bin, "--profile", "bea", "think"], { ...variables, EDITOR: editor });
  screens.push(screen);
  await screen.see("sealed for you and 0 friends");
  expect(await screen.ended).toBe(0);
  expect(await run("--profile", "bea", "read")).toContain("  written in an editor");
});

test("the feed shows what comes in, what is taken back, and the connection, across a restart of the relay", { timeout: 240_000 }, async () => {
  await registerInFile("cid");
  await registerInFile("dot");
  await run("--profile", "cid", "think", "Before the feed.");
  await run("--profile", "dot", "befriend", "cid");
  await run("--profile", "cid", "accept", "dot");
  const screen = at("--profile", "dot", "feed", "--follow");
  await screen.see("Before the feed.");
  await screen.see("● live");

  const written = JSON.parse(await run("--profile", "cid", "think", "--json", "Look, live.")) as { id: string };
  expect(await screen.see("Look, live.")).toContain("cid (unverified)");
  await run("--profile", "cid", "edit", written.id, "Look, edited.");
  expect(await screen.see("Look, edited.")).toMatch(/ {2}edited\n/);
  await run("--profile", "cid", "withdraw", written.id);
  await screen.see(`took ${written.id.slice(0, 10)} back`);

  const { port } = new URL(relay.origin);
  relay.signal("SIGTERM");
  await screen.see("○ the relay is away");
  await relay.exited;
  relay = await startRelayProcess(join(folder.path, "data"), { PEERBRAIN_PORT: port });
  await screen.see("● live");
  await run("--profile", "cid", "think", "After the restart.");
  await screen.see("After the restart.");

  screen.type(CTRL_C);
  expect(await screen.ended).toBe(0);
  expect(screen.text.match(/Before the feed\./g)).toHaveLength(1);
});

test("colours are for terminals, and not with NO_COLOR", async () => {
  const coloured = at("--profile", "dot", "friends");
  await coloured.see("cid (unverified)");
  const plain = openScreen("sh", ["-c", `"${process.execPath}" "${bin}" --profile dot friends | cat -v; NO_COLOR=1 "${process.execPath}" "${bin}" --profile dot friends --json`], variables);
  screens.push(plain);
  await plain.ended;
  expect(plain.text).toContain("cid (unverified)");
  expect(plain.text).not.toMatch(/\^\[/);
});
