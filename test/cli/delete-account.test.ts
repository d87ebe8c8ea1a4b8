import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ENTER, openScreen, type Screen } from "./pseudo-terminal.ts";
import { bin, createMachine, password, peerbrain, type Machine, type Transcript } from "./support.ts";

let machine: Machine;
const screens: Screen[] = [];
beforeAll(async () => {
  machine = await createMachine();
  await Promise.all(["alice", "bob", "carol"].map((who) => machine.register(who)));
  await machine.befriend("bob", "alice");
});
afterAll(async () => {
  screens.forEach((screen) => screen.kill());
  await machine.close();
});

const deleteWith = (who: string, words: string[], input: string): Promise<Transcript> =>
  peerbrain(["--profile", who, "delete-account", ...words], { input, variables: machine.variables });

test("never without --yes where nobody can be asked, and never without the password", { timeout: 120_000 }, async () => {
  expect(await deleteWith("alice", ["--password-stdin"], `${password}\n`)).toEqual({
    exitCode: 2,
    out: "",
    err: "peerbrain: This deletes the account for good. If that is what you want: peerbrain delete-account --yes (USAGE)\n",
  });
  expect(await deleteWith("alice", ["--yes"], "")).toMatchObject({ exitCode: 2, err: expect.stringContaining("There is no terminal to ask on: Password of alice") });
  expect(await deleteWith("alice", ["--yes", "--password-stdin"], "a guess\n")).toEqual({ exitCode: 3, out: "", err: "peerbrain: User name or password is wrong. (PASSWORD_WRONG)\n" });
  expect(await machine.answerTo("alice", "friends")).toContain("bob");
});

test("deletes everything, forgets the keys here, and friends see nothing but the end", { timeout: 120_000 }, async () => {
  await machine.answerTo("alice", "think", "my last words");
  expect(await machine.answerTo("bob", "read", "alice")).toContain("my last words");
  expect(await deleteWith("alice", ["--yes", "--password-stdin"], `${password}\n`)).toEqual({
    exitCode: 0,
    out: "",
    err: `The account of alice on ${machine.relay.origin} is deleted, and this device has forgotten its keys.\n`,
  });
  expect(await readdir(join(machine.home, "alice"))).toEqual([]);
  expect(await machine.as("bob", "friends")).toEqual({ exitCode: 0, out: "", err: "You have no friends here yet. Begin with: peerbrain invite\n" });
  const login = ["login", "alice", "--keep", "file", "--password-file", machine.passwordFile];
  expect(await machine.as("alice", ...login)).toMatchObject({ exitCode: 3, err: expect.stringContaining("PASSWORD_WRONG") });
  expect(await machine.as("another", "register", "alice", "--password-file", machine.passwordFile)).toMatchObject({ exitCode: 1, err: expect.stringContaining("USERNAME_TAKEN") });
});

test("at a terminal the user name has to be typed", { timeout: 120_000 }, async () => {
  const at = (): Screen => {
    const screen = openScreen(process.execPath, [bin, "--profile", "carol", "delete-account"], machine.variables);
    screens.push(screen);
    return screen;
  };
  const wrong = at();
  await wrong.see("Type the user name to go on");
  wrong.type(`carl${ENTER}`);
  await wrong.see("Nothing was deleted.");
  expect(await wrong.ended).toBe(2);

  const right = at();
  await right.see("Type the user name to go on");
  right.type(`carol${ENTER}`);
  await right.see("Password of carol");
  right.type(`${password}${ENTER}`);
  await right.see("is deleted");
  expect(await right.ended).toBe(0);
  expect(right.text).not.toContain(password);
});
