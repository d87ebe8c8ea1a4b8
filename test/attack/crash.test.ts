import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Account } from "../../src/client/index.ts";
import { scan, textCanary, type Canary } from "../support/canaries.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../support/folders.ts";
import { recordKeys, type KeyRecording } from "../support/key-recorder.ts";
import { readDatabaseFiles } from "../support/operator.ts";
import { startRelayProcess, type RelayProcess } from "../support/relay-process.ts";
import { createWireTap } from "../support/wire-tap.ts";
import { befriend, textsOf } from "../scenario/support.ts";

let folder: TemporaryFolder;
let recording: KeyRecording;
beforeAll(async () => {
  folder = await createTemporaryFolder();
  recording = await recordKeys();
});
afterAll(async () => {
  recording.stop();
  await folder.remove();
});

/** Writes all that Node knows of itself, and throws what nobody catches. */
const DIE_ON_SIGNAL = 'process.on("SIGUSR2", () => { process.report.writeReport(); throw new Error("nobody catches this"); })';
/** Two relays start, on a machine that runs other tests as well. */
const TIMEOUT_MS = 120_000;

const tap = createWireTap();
const secrets: Canary[] = [];

function secret(name: string): string {
  const marked = `${name} ${randomBytes(12).toString("hex")}`;
  secrets.push(textCanary(name, marked));
  return marked;
}

async function register(relay: RelayProcess, username: string, email: string): Promise<Account> {
  const options = { relay: relay.origin, unsafeKeyStretching: true, fetch: tap.fetch, webSocket: tap.webSocket };
  const { account, recoveryCode } = await Account.register({ ...options, username, password: secret("a password"), email, deviceName: "a device that all may know" });
  secrets.push(textCanary("an e-mail address", email), textCanary("a recovery code", recoveryCode));
  return account;
}

async function filesIn(path: string): Promise<Buffer> {
  const files = (await readdir(path, { withFileTypes: true })).filter((entry) => entry.isFile() && entry.name !== "relay.keys");
  return Buffer.concat(await Promise.all(files.map(({ name }) => readFile(join(path, name)))));
}

test("a relay that is killed, and one that dies of its own mistake, leave nothing secret behind", { timeout: TIMEOUT_MS }, async () => {
  const dataFolder = join(folder.path, "data");
  const publicMark = randomBytes(12).toString("hex");
  const variables = {
    PEERBRAIN_LOG_LEVEL: "debug",
    PUBLIC_MARK: publicMark,
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(DIE_ON_SIGNAL)} --report-directory=${folder.path}`,
  };
  const first = await startRelayProcess(dataFolder, variables);
  const accounts = [await register(first, "alice", `${randomBytes(9).toString("hex")}@example.org`), await register(first, "bob", `${randomBytes(9).toString("hex")}@example.org`)];
  const [alice, bob] = accounts as [Account, Account];
  const relays = [first];
  try {
    await befriend(alice, bob);
    const early = secret("before the kill");
    await alice.thoughts.write(early);
    first.signal("SIGKILL");
    await first.exited;
    const second = await startRelayProcess(dataFolder, { ...variables, PEERBRAIN_PORT: new URL(first.origin).port });
    relays.push(second);
    const late = secret("after the kill");
    await alice.thoughts.write(late);
    await expect.poll(() => textsOf(bob, "alice"), { timeout: 30_000 }).toEqual([late, early]);
    second.signal("SIGUSR2");
    expect(await second.exited).toEqual({ exitCode: 1, signal: null });
    // Not even the text of the error, which could quote what somebody sent.
    expect(second.log).toContain("an error that nobody expected");
    expect(second.log).not.toContain("nobody catches this");
  } finally {
    for (const relay of relays) relay.signal("SIGKILL");
    await Promise.all(relays.map(({ exited }) => exited));
  }

  const places = [
    { place: "crash output and logs", bytes: Buffer.from(relays.map(({ log }) => log).join("\n")) },
    { place: "crash report", bytes: await filesIn(folder.path) },
    { place: "data folder", bytes: await filesIn(dataFolder) },
    { place: "database files", bytes: await readDatabaseFiles(dataFolder) },
    { place: "traffic", bytes: tap.captured() },
  ];
  // A scan that finds nothing proves nothing unless it finds what is there for all to know.
  const known = scan([textCanary("device name", "a device that all may know"), textCanary("environment", publicMark)], places);
  expect(known.map(({ place }) => place)).toEqual(expect.arrayContaining(["crash report", "database files", "traffic"]));
  expect(recording.keys().length).toBeGreaterThan(10);
  expect(scan([...secrets, ...recording.keys()], places)).toEqual([]);
  await Promise.all(accounts.map((account) => account.close()));
});

test("the scan finds a marker in every form that software tends to write", () => {
  const mark = randomBytes(24);
  const places = [
    ["as it is", mark], ["hex", Buffer.from(mark.toString("hex"))], ["HEX", Buffer.from(mark.toString("hex").toUpperCase())],
    ...[0, 1, 2].map((shift) => [`base64, shifted by ${shift}`, Buffer.from(Buffer.concat([randomBytes(shift), mark]).toString("base64"))]),
    ...[0, 1, 2].map((shift) => [`base64url, shifted by ${shift}`, Buffer.from(Buffer.concat([randomBytes(shift), mark]).toString("base64url"))]),
  ] as [string, Buffer][];
  for (const [form, bytes] of places) {
    const found = scan([{ name: "mark", bytes: mark }], [{ place: form, bytes: Buffer.concat([randomBytes(40), bytes, randomBytes(40)]) }]);
    expect(found.map((finding) => finding.form)).toContain(form);
  }
  const text = "a marker of text";
  for (const [form, bytes] of [["UTF-16LE", Buffer.from(text, "utf16le")], ["UTF-16BE", Buffer.from(text, "utf16le").swap16()]] as const) {
    expect(scan([textCanary("text", text)], [{ place: form, bytes }])).toEqual([{ canary: "text", place: form, form }]);
  }
});
