import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Account, type ConnectOptions } from "../../src/client/index.ts";
import { parseBase64url } from "../../src/protocol/index.ts";
import { reachDatabase } from "../../src/storage/reach-database.ts";
import { befriend, nextNotice } from "../scenario/support.ts";
import { createEmptyDatabase } from "../support/database.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../support/folders.ts";
import { openKeptDatabase } from "../support/kept-database.ts";
import { type CommandOutcome, runCommand } from "../support/operator-command.ts";
import { silentLog, systemClock } from "../support/quiet.ts";
import { type RelayProcess, startRelayProcess } from "../support/relay-process.ts";
import type { TestDatabase } from "../support/database.ts";

let folder: TemporaryFolder;
let dataFolder: string;
let backup: string;
let relay: RelayProcess;
let alice: Account;
let bob: Account;

const connectTo = ({ origin }: RelayProcess): ConnectOptions => ({ relay: origin, unsafeKeyStretching: true });
const password = "a password of the tests";
const admin = (...args: string[]): Promise<CommandOutcome> => runCommand(["admin", ...args], { PEERBRAIN_DATA: dataFolder });
const adminIn = (data: string, ...args: string[]): Promise<CommandOutcome> => runCommand(["admin", ...args, "--data", data]);
const done = (out: unknown = "") => ({ exitCode: 0, out, complaints: "" });
const refused = (text: string) => ({ exitCode: 1, out: "", complaints: expect.stringContaining(text) });

/** Every row of a data folder's database. */
async function dumpOf(data: string): Promise<Record<string, string>> {
  const database = await reachDatabase({ databaseUrl: undefined, dataFolder: data, log: silentLog, clock: systemClock });
  const kept = await openKeptDatabase({ connection: database.connection as TestDatabase["connection"] });
  const dump = await kept.dump();
  await kept.close();
  await database.close();
  return dump;
}

beforeAll(async () => {
  folder = await createTemporaryFolder();
  dataFolder = join(folder.path, "data");
  backup = join(folder.path, "relay.backup");
  relay = await startRelayProcess(dataFolder, { PEERBRAIN_REGISTRATIONS_PER_ADDRESS_HOUR: "100", PEERBRAIN_APPENDS_PER_USER_MINUTE: "10000", PEERBRAIN_LOG_LEVEL: "silent" });
  alice = (await Account.register({ ...connectTo(relay), username: "alice", password })).account;
  bob = (await Account.register({ ...connectTo(relay), username: "bob", password })).account;
  await befriend(alice, bob);
  await alice.thoughts.write("what is in the backup");
});
afterAll(async () => {
  await Promise.all([alice.close(), bob.close()]);
  relay.signal("SIGTERM");
  await relay.exited;
  await folder.remove();
});

describe("peerbrain admin, while the relay runs", () => {
  it("lists users, all or some", async () => {
    const { out } = await admin("users", "--json");
    expect(JSON.parse(out)).toMatchObject([
      { username: "alice", friends: 1, sessions: 1, disabledAtMs: null, entries: expect.any(Number), bytes: expect.any(Number), seenAtMs: expect.any(Number) },
      { username: "bob", friends: 1 },
    ]);
    expect(parseBase64url(JSON.parse(out)[0].id)).toEqual(alice.userId);
    expect((await admin("users", "lic")).out).toMatch(/^user name .*\nalice +20\d\d-/);
    expect((await admin("users", "lic")).out).not.toContain("bob");
    expect(JSON.parse((await admin("users", "nobody", "--json")).out)).toEqual([]);
  });

  it("counts what is kept", async () => {
    const { out } = await admin("stats", "--json");
    expect(JSON.parse(out)).toMatchObject({ users: 2, disabledUsers: 0, sessions: 2, friendships: 1, openRequests: 0, thoughts: 1, withdrawnThoughts: 0, keyLogLeaves: 2 });
    for (const [name, value] of Object.entries(JSON.parse(out))) expect(value, name).toEqual(expect.any(Number));
    expect((await admin("stats")).out).toMatch(/^users +2$/m);
  });

  it("disables a user, whose socket ends and who cannot sign in, and enables them again", async () => {
    const { account } = await Account.register({ ...connectTo(relay), username: "mallory", password });
    const ended = nextNotice(account, "disconnected");
    expect(await admin("disable", "mallory")).toEqual(done());
    await ended;
    await expect(Account.login({ ...connectTo(relay), username: "mallory", password })).rejects.toMatchObject({ code: "USER_DISABLED" });
    expect((await admin("users", "mallory")).out).toContain("disabled 20");
    expect(await admin("enable", "mallory")).toEqual(done());
    await (await Account.login({ ...connectTo(relay), username: "mallory", password })).close();
    await account.close();
    expect(await admin("disable", "nobody")).toEqual(refused("There is no user"));
  });

  it("lets in who was invited, from one moment to the next", async () => {
    const register = (username: string, invitation?: string) => Account.register({ ...connectTo(relay), username, password, ...(invitation && { invitation }) });
    expect(await admin("invite-only", "on")).toEqual(done());
    await expect(register("carol")).rejects.toMatchObject({ code: "INVITATION_NEEDED" });
    const code = (await admin("invite")).out.trim();
    const second = JSON.parse((await admin("invite", "--uses", "2", "--days", "1", "--json")).out);
    await (await register("carol", code)).account.close();
    await expect(register("dave", code)).rejects.toMatchObject({ code: "INVITATION_INVALID" });
    expect((await admin("invitations")).out).toMatch(new RegExp(`^registering needs an invitation\\nid .*\\n${second.id} +2 `));
    expect(await admin("revoke", second.id)).toEqual(done());
    expect(await admin("revoke", second.id)).toEqual(refused("no invitation of this id"));
    await expect(register("dave", second.code)).rejects.toMatchObject({ code: "INVITATION_INVALID" });
    expect(await admin("invite-only", "off")).toEqual(done());
    await (await register("dave")).account.close();
    expect(JSON.parse((await admin("invitations", "--json")).out)).toMatchObject({ isRequired: false, invitations: [{ usesLeft: 0 }] });
  });

  it.each([[["invite-only", "maybe"]], [["invite", "--uses", "0"]], [["invite", "--days", "soon"]]])("refuses %j", async (args) => {
    expect(await admin(...args)).toEqual({ exitCode: 1, out: "", complaints: expect.stringMatching(/^peerbrain: ./) });
  });

  it("makes no data folder, and does not guess which one is meant", async () => {
    const elsewhere = join(folder.path, "elsewhere");
    expect(await adminIn(elsewhere, "stats")).toEqual(refused("There is no database"));
    await expect(readdir(elsewhere)).rejects.toThrow("ENOENT");
  });
});

describe("a backup", () => {
  it("is made while people write, readable by its maker alone, and overwrites nothing", async () => {
    let isOver = false;
    const writing = (async () => {
      while (!isOver) await alice.thoughts.write("meanwhile");
    })();
    expect(await admin("backup", backup)).toEqual(done(`${backup}\n`));
    isOver = true;
    await writing;
    expect((await stat(backup)).mode & 0o777).toBe(0o600);
    const before = await readFile(backup);
    expect(await admin("backup", backup)).toEqual(refused("is there already"));
    expect(await readFile(backup)).toEqual(before);
    expect((await readdir(folder.path)).sort()).toEqual(["data", "relay.backup"]);
    expect(JSON.parse((await admin("restore", "--check", "--json", backup)).out)).toMatchObject({ hasKeys: true, rows: { User: expect.any(Number), Chain: expect.any(Number) } });
  });

  it("brings everything back into an empty data folder, where people go on", async () => {
    const restored = join(folder.path, "restored");
    expect(await adminIn(restored, "restore", backup)).toEqual(done(expect.stringContaining(restored)));
    expect(await readFile(join(restored, "relay.keys"))).toEqual(await readFile(join(dataFolder, "relay.keys")));
    const again = join(folder.path, "again.backup");
    expect((await adminIn(restored, "backup", again)).exitCode).toBe(0);
    const rowsOf = (file: Buffer) => gunzipSync(file).toString().split("\n").slice(1, -2);
    expect(rowsOf(await readFile(again))).toEqual(rowsOf(await readFile(backup)));

    const other = await startRelayProcess(restored, { PEERBRAIN_LOG_LEVEL: "silent" });
    const device = await Account.login({ ...connectTo(other), username: "bob", password });
    expect((await device.search("backup")).map(({ text }) => text)).toEqual(["what is in the backup"]);
    await device.thoughts.write("after the backup");
    await device.close();
    other.signal("SIGTERM");
    expect(await other.exited).toMatchObject({ exitCode: 0 });
    expect(await adminIn(restored, "restore", backup)).toEqual(refused("is not empty"));
  });

  it("without keys is restored with those that are kept elsewhere, and with no others", async () => {
    const bare = join(folder.path, "bare.backup");
    const restored = join(folder.path, "from-bare");
    const keys = join(dataFolder, "relay.keys");
    expect((await admin("backup", "--without-keys", bare)).exitCode).toBe(0);
    const secrets = JSON.parse(await readFile(keys, "utf8"));
    expect(gunzipSync(await readFile(bare)).toString()).not.toContain(secrets.receiptSeed);
    expect(await adminIn(restored, "restore", bare)).toEqual(refused("--keys"));
    const others = join(folder.path, "other.keys");
    await writeFile(others, JSON.stringify({ ...secrets, hashSecret: secrets.refreshSecret }));
    expect(await adminIn(restored, "restore", bare, "--keys", others)).toEqual(refused("not the one"));
    await expect(readdir(restored)).rejects.toThrow("ENOENT");
    expect((await adminIn(restored, "restore", bare, "--keys", keys)).exitCode).toBe(0);
    expect((await dumpOf(restored))["User"]).toBe((await dumpOf(dataFolder))["User"]);
  });

  it("goes into an empty database of one's own", async () => {
    const database = await createEmptyDatabase();
    const restored = join(folder.path, "with-own-database");
    const { host, port, user, database: name } = database.connection;
    const variables = { DATABASE_URL: `postgresql://${user}@/${name}?host=${encodeURIComponent(host)}&port=${port}`, PEERBRAIN_DATA: restored };
    expect((await runCommand(["admin", "restore", backup], variables)).exitCode).toBe(0);
    expect(JSON.parse((await runCommand(["admin", "users", "ali", "--json"], variables)).out)).toMatchObject([{ username: "alice" }]);
    expect(await runCommand(["admin", "restore", backup], { ...variables, PEERBRAIN_DATA: join(folder.path, "yet-another") })).toEqual(refused("holds tables already"));
    await database.drop();
  });

  describe("that is not whole is refused before anything is made", () => {
    const spoil = async (name: string, change: (file: Buffer) => Buffer): Promise<CommandOutcome> => {
      const path = join(folder.path, name);
      await writeFile(path, change(await readFile(backup)));
      const outcome = await adminIn(join(folder.path, "never"), "restore", path);
      await expect(readdir(join(folder.path, "never"))).rejects.toThrow("ENOENT");
      return outcome;
    };
    const edit = (change: (text: string) => string) => (file: Buffer) => gzipSync(change(gunzipSync(file).toString()));
    const withSum = (text: string): string => {
      const body = text.slice(0, text.lastIndexOf("\nS") + 1);
      return `${body}S${createHash("sha256").update(body).digest("hex")}\n`;
    };

    it("also when it is only looked at", async () => {
      const path = join(folder.path, "looked-at");
      await writeFile(path, edit((text) => text.replace('"username":"alice"', '"username":"alicf"'))(await readFile(backup)));
      expect(await admin("restore", "--check", path)).toEqual(refused("damaged"));
    });

    it.each([
      ["cut off", (file: Buffer) => file.subarray(0, file.length / 2), "damaged"],
      ["no backup at all", () => Buffer.from("hello"), "damaged"],
      ["empty", () => gzipSync(""), "empty"],
      ["another file", () => gzipSync('H{"format":"letter"}\n'), "no backup"],
      ["a changed row", edit((text) => text.replace('"username":"alice"', '"username":"alicf"')), "damaged"],
      ["a row less", edit((text) => text.replace(/\nR.*/, "")), "damaged"],
      ["without its end", edit((text) => text.slice(0, text.lastIndexOf("\nS") + 1)), "end is missing"],
      ["with something behind its end", edit((text) => `${text}R{}\n`), "behind its end"],
      ["of a newer version", edit((text) => withSum(text.replace('"migrations":["', '"migrations":["29990101000000_later","'))), "newer version"],
      ["with a table of its own", edit((text) => withSum(text.replace('T"User"', 'T"Users"'))), "table"],
    ])("%s", async (name, change, text) => expect(await spoil(name.replaceAll(" ", "-"), change)).toEqual(refused(text)));
  });

  // From before the program has begun to after it has ended, whatever a machine's pace.
  it.each([300, 900, 2_000])("leaves nothing half done when Ctrl-C comes after %i ms", async (ms) => {
    const here = await createTemporaryFolder();
    const [made, restored] = [join(here.path, "made.backup"), join(here.path, "restored")];
    const [back, forth] = [await runCommand(["admin", "backup", made], { PEERBRAIN_DATA: dataFolder }, ms), await runCommand(["admin", "restore", backup, "--data", restored], {}, ms)];
    expect((await readdir(here.path)).sort()).toEqual([...(back.exitCode === 0 ? ["made.backup"] : []), ...(forth.exitCode === 0 ? ["restored"] : [])]);
    for (const { exitCode, complaints } of [back, forth]) if (exitCode === 1) expect(complaints).toContain("Stopped. Nothing was changed.");
    await here.remove();
  });

  it("is not put over files that are there", async () => {
    const occupied = join(folder.path, "occupied");
    await mkdir(occupied);
    await writeFile(join(occupied, "diary.txt"), "mine");
    expect(await adminIn(occupied, "restore", backup)).toEqual(refused("is not empty"));
    expect(await readdir(occupied)).toEqual(["diary.txt"]);
  });
});
