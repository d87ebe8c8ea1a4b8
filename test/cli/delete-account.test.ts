import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ENTER, openScreen, type Screen } from "./pseudo-terminal.ts";
import { bin, createMachine, password, peerbrain, type Machine, type Transcript } from "./support.ts";

let machine: Machine;
const screens: Screen[] = [];
beforeAll(async () => {
  machine = await createMachine();
  await Promise.all(["alice", "bob"].map((who) => machine.register(who)));
  await machine.befriend("bob", "alice");
});
afterAll(async () => {
  screens.forEach((screen) => screen.kill());
  await machine.close();
});

const deleteWith = (who: string, words: string[], input: string): Promise<Transcript> =>
  peerbrain(["--profile", who, "delete-account", ...words], { input, variables: machine.variables });

const atTerminal = (who: string): Screen => {
  const screen = openScreen(process.execPath, [bin, "--profile", who, "delete-account"], machine.variables);
  screens.push(screen);
  return screen;
};

test("nothing is deleted without --yes where nobody can be asked, without the password, or with another name", { timeout: 120_000 }, async () => {
  expect(await deleteWith("alice", ["--password-stdin"], `${password}\n`)).toEqual({
    exitCode: 2,
    out: "",
    err: "peerbrain: This deletes the account for good. If that is what you want: peerbrain delete-account --yes (USAGE)\n",
  });
  expect(await deleteWith("alice", ["--yes"], "")).toMatchObject({ exitCode: 2, err: expect.stringContaining("There is no terminal to ask on: Password of alice") });
  expect(await deleteWith("alice", ["--yes", "--password-stdin"], "a guess\n")).toEqual({ exitCode: 3, out: "", err: "peerbrain: User name or password is wrong. (PASSWORD_WRONG)\n" });
  const screen = atTerminal("alice");
  await screen.see("Type the user name to go on");
  screen.type(`alicia${ENTER}`);
  await screen.see("Nothing was deleted.");
  expect(await screen.ended).toBe(2);
  expect(await machine.answerTo("alice", "friends")).toContain("bob");
});

test("whoever types name and password deletes everything, and friends see nothing but the end", { timeout: 120_000 }, async () => {
  const login = (profile: string): Promise<Transcript> => machine.as(profile, "login", "alice", "--keep", "file", "--password-file", machine.passwordFile);
  expect((await login("elsewhere")).exitCode).toBe(0);
  await machine.answerTo("alice", "think", "my last words");
  expect(await machine.answerTo("bob", "read", "alice")).toContain("my last words");

  const screen = atTerminal("alice");
  await screen.see("Type the user name to go on");
  screen.type(`alice${ENTER}`);
  await screen.see("Password of alice");
  screen.type(`${password}${ENTER}`);
  await screen.see("is deleted");
  expect(await screen.ended).toBe(0);
  expect(screen.text).not.toContain(password);

  expect(await readdir(join(machine.home, "alice"))).toEqual([]);
  expect(await machine.as("bob", "friends")).toEqual({ exitCode: 0, out: "", err: "You have no friends here yet. Begin with: peerbrain invite\n" });
  expect(await login("alice")).toMatchObject({ exitCode: 3, err: expect.stringContaining("PASSWORD_WRONG") });
  expect(await machine.as("another", "register", "alice", "--password-file", machine.passwordFile)).toMatchObject({ exitCode: 1, err: expect.stringContaining("USERNAME_TAKEN") });
  expect(await machine.as("elsewhere", "friends")).toMatchObject({ exitCode: 3, err: expect.stringContaining("SIGNED_OUT") });
  expect(await machine.as("elsewhere", "logout")).toMatchObject({ exitCode: 0 });
  expect(await readdir(join(machine.home, "elsewhere"))).toEqual([]);
});

test("a script says --yes, and gives the password by a way that nobody sees", { timeout: 120_000 }, async () => {
  expect(await deleteWith("bob", ["--yes", "--password-stdin"], `${password}\n`)).toEqual({
    exitCode: 0,
    out: "",
    err: `The account of bob on ${machine.relay.origin} is deleted, and this device has forgotten its keys.\n`,
  });
});
