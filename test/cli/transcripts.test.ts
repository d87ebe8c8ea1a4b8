import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bin, createMachine, linesOfJson, password, peerbrain, type Machine } from "./support.ts";

let machine: Machine;
beforeAll(async () => {
  machine = await createMachine();
  await machine.register("alice");
  await machine.register("bob");
  await machine.befriend("bob", "alice");
});
afterAll(() => machine.close());

const ID = expect.stringMatching(/^[0-9a-f]{64}$/);
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

describe("signing in", () => {
  test("register prints the recovery code alone as its answer, and tells the rest beside it", async () => {
    const { exitCode, out, err } = await machine.as("carol", "register", "carol", "--password-file", machine.passwordFile);
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^[0-9A-Z]{4}(-[0-9A-Z]{4}){6}\n$/);
    expect(err).toContain(`You are carol on ${machine.relay.origin}. Commands will ask for the password: nothing else opens this session.`);
  });

  test("a session that only the password opens asks for it, and takes no other", async () => {
    const { exitCode, err } = await machine.as("carol", "whoami");
    expect([exitCode, err]).toEqual([2, "peerbrain: There is no terminal to ask on: Password of carol. Use --password-stdin or --password-file. (USAGE)\n"]);
    const wrong = await peerbrain(["--profile", "carol", "whoami", "--password-stdin"], { input: "a wrong one\n", variables: machine.variables });
    expect(wrong).toEqual({ exitCode: 3, out: "", err: "peerbrain: The password is wrong. (PASSWORD_WRONG)\n" });
    const right = await peerbrain(["--profile", "carol", "whoami", "--password-stdin", "--json"], { input: `${password}\n`, variables: machine.variables });
    expect(linesOfJson(right.out)).toEqual([{ username: "carol", userId: expect.any(String), relay: machine.relay.origin, profile: "carol", keeper: "password" }]);
  });

  test("a password on standard input is never taken for a thought", async () => {
    const run = (...args: string[]) => peerbrain(["--profile", "bob", ...args, "--password-stdin"], { input: `${password}\n`, variables: machine.variables });
    expect(await run("think")).toMatchObject({ exitCode: 2, err: expect.stringContaining("Standard input gives the password") });
    expect((await run("query")).exitCode).toBe(2);
    expect(await machine.answerTo("bob", "read", "--all")).not.toContain(password);
  });

  test("nobody is thrown out unasked, and who is not there is told how to begin", async () => {
    expect(await machine.as("alice", "register", "eve", "--password-file", machine.passwordFile)).toEqual({
      exitCode: 1,
      out: "",
      err: `peerbrain: Here you are alice on ${machine.relay.origin}. Log out first, or be somebody else beside it: --profile another (ALREADY_SIGNED_IN)\n`,
    });
    const { exitCode, err } = await machine.as("nobody", "feed");
    expect([exitCode, err]).toEqual([3, "peerbrain: Nobody is signed in here. Begin with: peerbrain register --profile nobody, or on another device's user: peerbrain login --profile nobody (SIGNED_OUT)\n"]);
  });

  test("a name that is taken, a wrong password and a weak one are refused with their codes", async () => {
    const attempts = [
      [await machine.as("eve", "register", "alice", "--password-file", machine.passwordFile), 1, "USERNAME_TAKEN"],
      [await peerbrain(["--profile", "eve", "login", "alice", "--password-stdin"], { input: "not hers\n", variables: machine.variables }), 3, "PASSWORD_WRONG"],
      [await peerbrain(["--profile", "eve", "register", "eve", "--password-stdin"], { input: "short\n", variables: machine.variables }), 2, "USAGE"],
      [await machine.as("eve", "login", "alice", "--keep", "cloud"), 2, "USAGE"],
    ] as const;
    for (const [{ exitCode, out, err }, expected, code] of attempts) {
      expect([exitCode, out]).toEqual([expected, ""]);
      expect(err).toMatch(new RegExp(`^peerbrain: .*\\(${code}\\)\n$`));
    }
    expect(await readdir(machine.home)).not.toContain(join("eve", "session.json"));
  });

  test("the disk holds no secret in the clear, and nothing for others to read", async () => {
    const files = (await readdir(machine.home, { recursive: true, withFileTypes: true })).filter((file) => file.isFile());
    const token = (await machine.answerTo("alice", "token")).trim();
    for (const file of files) {
      const path = join(file.parentPath, file.name);
      expect((await stat(path)).mode & 0o77).toBe(0);
      const content = await readFile(path, "utf8");
      for (const secret of [password, token, "refreshToken", "masterKey"]) expect(content).not.toContain(secret);
    }
    expect(files.map(({ name }) => name).sort()).toEqual(["key", "key", "session.json", "session.json", "session.json"]);
  });

  test("recover, passwd, reset and logout do what they say", { timeout: 240_000 }, async () => {
    const code = await machine.register("dave");
    const lines = (...texts: string[]) => ({ input: `${texts.join("\n")}\n`, variables: machine.variables });
    const run = (args: string[], ...texts: string[]) => peerbrain(["--profile", "dave", ...args, "--password-stdin"], lines(...texts));
    expect(await run(["passwd"], password, "second password")).toMatchObject({ exitCode: 0, out: "" });
    expect((await machine.as("dave", "reset")).exitCode).toBe(2);
    const reset = await run(["reset", "--leaked"], "second password", "third password");
    expect([reset.exitCode, reset.out]).toEqual([0, expect.stringMatching(/^[0-9A-Z-]{34}\n$/)]);
    expect(await machine.as("dave", "logout")).toEqual({ exitCode: 0, out: "", err: "dave is signed out.\n" });
    expect(await readdir(join(machine.home, "dave"))).toEqual([]);
    expect((await run(["recover", "dave"], code, "fourth password")).exitCode).toBe(3);
    const recovered = await run(["recover", "dave", "--keep", "password"], reset.out.trim(), "fourth password");
    expect(recovered.exitCode).toBe(0);
    expect(await run(["passwd"], "fourth password", "fifth password")).toMatchObject({ exitCode: 0 });
    // The session is sealed by the password: by the new one now.
    expect((await run(["whoami"], "fourth password")).exitCode).toBe(3);
    expect((await run(["whoami"], "fifth password")).exitCode).toBe(0);
  });

  test("a session that another device ended is told, and logged out of all the same", { timeout: 240_000 }, async () => {
    await machine.register("erin");
    const login = ["login", "erin", "--keep", "file", "--password-file", machine.passwordFile];
    expect((await machine.as("erin-phone", ...login)).exitCode).toBe(0);
    const sessions = linesOfJson(await machine.answerTo("erin-phone", "sessions", "--json"));
    expect(sessions.map(({ isCurrent }) => isCurrent).sort()).toEqual([false, true]);
    const other = String(sessions.find(({ isCurrent }) => !isCurrent)?.["id"]);
    expect((await machine.as("erin-phone", "sessions", "end", other.slice(0, 8))).exitCode).toBe(0);
    expect((await machine.as("erin", "feed")).exitCode).toBe(3);
    expect(await machine.as("erin", "logout")).toMatchObject({ exitCode: 0, err: expect.stringContaining("over already") });
    expect((await machine.as("erin", ...login)).exitCode).toBe(0);
  });
});

describe("thoughts", () => {
  test("are written from words, a pipe and an editor, and read by friends", async () => {
    expect(await machine.as("alice", "think", "Good", "morning")).toEqual({ exitCode: 0, out: "", err: expect.stringMatching(/^[0-9a-f]{10} {2}sealed for you and one friend\.\n$/) });
    const piped = await peerbrain(["--profile", "alice", "think", "--json"], { input: "two\nlines\n", variables: machine.variables });
    expect(linesOfJson(piped.out)).toEqual([
      { id: ID, username: "alice", userId: expect.any(String), verification: "verified", seq: expect.any(Number), text: "two\nlines", edited: false, reply: null, writtenAt: TIME, receivedAt: TIME },
    ]);
    expect(await machine.answerTo("bob", "feed")).toMatch(
      /^alice \(verified\) {2}\d{4}-\d\d-\d\d \d\d:\d\d {2}[0-9a-f]{10}\n {2}Good morning\nalice \(verified\) {2}\S+ \S+ {2}[0-9a-f]{10}\n {2}two\n {2}lines\n$/,
    );
    expect(linesOfJson(await machine.answerTo("bob", "feed", "--author", "alice", "--limit", "1", "--json"))).toMatchObject([{ kind: "thought", thought: { text: "two\nlines" } }]);
  });

  test("are edited, answered, found and withdrawn by the beginning of an id", async () => {
    const [{ id } = { id: "" }] = linesOfJson(await machine.answerTo("alice", "think", "--json", "aubergines grow"));
    await machine.answerTo("alice", "edit", String(id).slice(0, 12), "aubergines grew");
    const [answer] = linesOfJson(await machine.answerTo("bob", "think", "--json", "--reply", String(id), "mine too"));
    expect(answer).toMatchObject({ reply: id });
    expect(linesOfJson(await machine.answerTo("bob", "search", "--json", "auber"))).toMatchObject([{ id, text: "aubergines grew", edited: true }]);
    expect((await machine.as("bob", "withdraw", String(id))).err).toContain("(THOUGHT_UNKNOWN)");
    await machine.answerTo("alice", "withdraw", String(id));
    expect(await machine.answerTo("bob", "search", "auber")).toBe("");
    expect((await machine.as("alice", "edit", "xyz", "text")).exitCode).toBe(2);
  });

  test("cannot steer the terminal of who reads them", async () => {
    await peerbrain(["--profile", "alice", "think"], { input: "\u001b[2Jcleared\u202e", variables: machine.variables });
    const out = await machine.answerTo("bob", "feed");
    expect(out).toContain("  \u241b[2Jcleared\ufffd\n");
    expect(out).not.toMatch(/[\u001b\u202e]/);
  });

  test("do not pass who left the pipe", async () => {
    const child = spawn("sh", ["-c", `"${process.execPath}" "${bin}" --profile bob feed --json | head -n 1`], { env: { PATH: process.env["PATH"], ...machine.variables } });
    let err = "";
    child.stderr.on("data", (text: Buffer) => (err += text.toString()));
    expect([await once(child, "close"), err]).toEqual([[0, null], ""]);
  });
});

describe("friends", () => {
  test("are listed, verified by number, asked, declined and ended", { timeout: 240_000 }, async () => {
    expect(linesOfJson(await machine.answerTo("alice", "friends", "--json"))).toEqual([{ username: "bob", userId: expect.any(String), verification: "unverified", sharing: "everything", isSuspended: false }]);
    const number = await machine.answerTo("bob", "verify", "alice");
    expect(number).toMatch(/^(\d{5} ){5}\d{5}\n(\d{5} ){5}\d{5}\n$/);
    expect(await machine.as("alice", "verify", "bob", "--number", number.replace(/^\d/, (digit) => String((Number(digit) + 1) % 10)))).toMatchObject({ exitCode: 1, err: expect.stringContaining("(SAFETY_NUMBER_DIFFERS)") });
    await machine.answerTo("alice", "verify", "bob", "--number", number);
    expect(await machine.answerTo("alice", "friends")).toBe("bob (verified)  reads everything of yours\n");

    await machine.register("frank");
    await machine.answerTo("frank", "befriend", "alice", "--from-now-on");
    expect(linesOfJson(await machine.answerTo("alice", "requests", "--json"))).toEqual([{ direction: "received", username: "frank", userId: expect.any(String), expiresAt: TIME }]);
    await machine.answerTo("alice", "decline", "frank");
    expect(await machine.as("alice", "requests")).toEqual({ exitCode: 0, out: "", err: "No request waits for an answer.\n" });
    expect(await machine.answerTo("alice", "find", "fr")).toBe("frank\n");

    await machine.befriend("frank", "bob");
    await machine.answerTo("frank", "unfriend", "bob");
    expect(await machine.answerTo("frank", "friends")).toBe("");
  });
});

describe("programs", () => {
  test("ask with the session, and get JSON", async () => {
    expect(linesOfJson(await machine.answerTo("alice", "query", "query Me { viewer { user { username } } }"))).toEqual([{ data: { viewer: { user: { username: "alice" } } } }]);
    const path = join(machine.home, "users.graphql");
    await writeFile(path, "query Users($search: ShortText) { users(search: $search, first: 1) { nodes { username } } }");
    expect(linesOfJson(await machine.answerTo("alice", "query", "--file", path, "--variables", '{"search":"bo"}'))).toEqual([{ data: { users: { nodes: [{ username: "bob" }] } } }]);
    const failed = await peerbrain(["--profile", "alice", "query"], { input: "{ nothing }", variables: machine.variables });
    expect([failed.exitCode, Object.keys(linesOfJson(failed.out)[0] ?? {})]).toEqual([1, ["errors"]]);
    const [{ accessToken, url } = { accessToken: "", url: "" }] = linesOfJson(await machine.answerTo("alice", "token", "--json"));
    const answer = await fetch(String(url), { method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${String(accessToken)}` }, body: '{"query":"{ viewer { user { username } } }"}' });
    expect(await answer.json()).toEqual({ data: { viewer: { user: { username: "alice" } } } });
  });
});

test("a relay that is not there ends with 4, and says what to look at", { timeout: 240_000 }, async () => {
  const variables = { ...machine.variables, PEERBRAIN_RELAY: "127.0.0.1:9" };
  const { exitCode, out, err } = await peerbrain(["--profile", "far", "login", "alice", "--password-file", machine.passwordFile], { variables });
  expect([exitCode, out]).toEqual([4, ""]);
  expect(err).toMatch(/^peerbrain: No answer from the relay at http:\/\/127\.0\.0\.1:9\. .*\(RELAY_UNREACHABLE\)\n$/);
});
