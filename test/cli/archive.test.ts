import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Account } from "../../src/client/index.ts";
import { bin, createMachine, linesOfJson, password, type Machine, type Transcript } from "./support.ts";

let machine: Machine;
let bob: Account;
let file: string;
beforeAll(async () => {
  machine = await createMachine();
  file = join(machine.home, "alice.peerbrain");
  await machine.register("alice");
  ({ account: bob } = await Account.register({ relay: machine.relay.origin, username: "bob", password: "bob", unsafeKeyStretching: true }));
  const told = new Promise<void>((resolve) => bob.onNotice(({ kind }) => kind === "befriended" && resolve()));
  await bob.friends.request("alice");
  await machine.answerTo("alice", "accept", "bob");
  await told;
  await bob.thoughts.write("tomatoes in the garden");
  await machine.answerTo("alice", "think", "a quiet day");
}, 120_000);
afterAll(async () => {
  await bob.close();
  await machine.close();
});

/** With the archive's password; nobody is signed in under this name, and no relay is at this address. */
const offline = (...args: string[]): Promise<Transcript> => machine.as("nobody", "--relay", "http://127.0.0.1:1", "import", ...args, "--password-file", machine.passwordFile);

test("what export writes is checked, read and searched without a relay or a session", { timeout: 120_000 }, async () => {
  const written = await machine.as("alice", "export", file, "--password-file", machine.passwordFile);
  expect(written).toEqual({ exitCode: 0, out: "", err: `Everything is in ${file}. Check it: peerbrain import ${file} --check\n` });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const content = await readFile(file);
  for (const word of ["garden", "quiet", "bob", password]) expect(content.includes(word)).toBe(false);

  const checked = await offline(file, "--check");
  expect([checked.exitCode, checked.err]).toEqual([0, ""]);
  expect(checked.out).toMatch(/^alice on http:\S+, written \S+ \S+: everything holds, \d+ entries\n {2}alice \(you\) {2}places 0 to \d+, 1 thought, 0 withdrawn\n {2}bob \(\w+\) {2}places 0 to \d+, 1 thought, 0 withdrawn\n$/);
  expect(linesOfJson((await offline(file, "--check", "--json")).out)).toEqual([
    {
      username: "alice",
      userId: expect.any(String),
      relay: machine.relay.origin,
      createdAt: expect.stringMatching(/Z$/),
      entries: expect.any(Number),
      chains: ["alice", "bob"].map((username) => ({
        username,
        userId: expect.any(String),
        verification: username === "alice" ? "verified" : "unverified",
        fromSeq: 0,
        toSeq: expect.any(Number),
        thoughts: 1,
        withdrawn: 0,
        unreadable: 0,
      })),
      proofs: [],
    },
  ]);
  const thoughts = linesOfJson((await offline(file, "--read", "--json")).out);
  expect(thoughts).toMatchObject([{ username: "alice", text: "a quiet day" }, { username: "bob", text: "tomatoes in the garden" }]);
  expect(thoughts[1]).toEqual(linesOfJson(await machine.answerTo("alice", "read", "bob", "--json"))[0]);
  expect((await offline(file, "--read", "--search", "tom")).out).toContain("\n  tomatoes in the garden\n");
  expect(await offline(file, "--read", "--author", "bob", "--search", "quiet")).toEqual({ exitCode: 0, out: "", err: "There is no such thought in it.\n" });
});

test("a relay that lacks nothing is given nothing, by import and by login", { timeout: 120_000 }, async () => {
  const nothing = "The relay lacks nothing of yours that is in the file.\n";
  expect(await machine.as("alice", "import", file, "--json", "--password-file", machine.passwordFile)).toEqual({ exitCode: 0, out: '{"given":0,"left":0}\n', err: nothing });
  const passwords = join(machine.home, "passwords");
  await writeFile(passwords, `${password}\n${password}\n`);
  const { exitCode, out, err } = await machine.as("second", "login", "alice", "--archive", file, "--password-file", passwords);
  expect([exitCode, out]).toEqual([0, ""]);
  expect(err).toMatch(/^You are alice on /);
  expect(err.endsWith(nothing)).toBe(true);
});

test("mistakes and damaged files end with their codes, and nothing is overwritten", { timeout: 120_000 }, async () => {
  const whole = await readFile(file);
  expect(await machine.as("alice", "export", file, "--password-file", machine.passwordFile)).toMatchObject({ exitCode: 1, err: expect.stringContaining("(FILE_EXISTS)") });
  expect((await readFile(file)).equals(whole)).toBe(true);
  expect(await offline(file, "--check", "--read")).toMatchObject({ exitCode: 2, err: expect.stringContaining("(USAGE)") });
  expect(await offline(file, "--author", "bob")).toMatchObject({ exitCode: 2, err: expect.stringContaining("(USAGE)") });
  expect(await offline(join(machine.home, "nowhere"), "--check")).toMatchObject({ exitCode: 1, err: expect.stringContaining("(ENOENT)") });
  expect(await offline(file)).toMatchObject({ exitCode: 3, err: expect.stringContaining("(SIGNED_OUT)") });
  const other = join(machine.home, "other-password");
  await writeFile(other, "not the password\n");
  expect(await machine.as("nobody", "import", file, "--check", "--password-file", other)).toMatchObject({ exitCode: 3, err: expect.stringContaining("(PASSWORD_WRONG)") });

  const damaged = join(machine.home, "damaged.peerbrain");
  const changed = Buffer.from(whole);
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
  const attempts = [
    [whole.subarray(0, -1), "bad-length", ["--read"]],
    [changed, "bad-seal", []],
    [Buffer.from("no archive, but long enough to be read as one".repeat(4)), "bad-type", ["--check"]],
  ] as const;
  for (const [bytes, code, mode] of attempts) {
    await writeFile(damaged, bytes);
    expect(await offline(damaged, ...mode)).toEqual({
      exitCode: 1,
      out: "",
      err: `peerbrain: ${damaged} does not hold: it was cut off or changed, or is no archive (${code}). Nothing was changed. (ARCHIVE_BROKEN)\n`,
    });
  }
});

test("Ctrl-C leaves no file behind, not even half of one", { timeout: 60_000 }, async () => {
  const variables = { ...machine.variables, PATH: process.env["PATH"] };
  const child = spawn(process.execPath, [bin, "--profile", "alice", "export", join(machine.home, "stopped.peerbrain"), "--password-file", machine.passwordFile], { env: variables, stdio: "ignore" });
  const started = async (): Promise<boolean> => (await readdir(machine.home)).some((name) => name.startsWith("stopped.peerbrain."));
  while (!(await started())) await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill("SIGINT");
  expect(await once(child, "close")).toEqual([130, null]);
  expect((await readdir(machine.home)).filter((name) => name.startsWith("stopped"))).toEqual([]);
});
