import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Account, type FeedItem } from "../../src/client/index.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../support/folders.ts";
import { startRelayProcess, type RelayProcess } from "../support/relay-process.ts";
import { befriend, codeOf, nextItem, nextTexts, textsOf } from "./support.ts";

const run = promisify(execFile);

let folder: TemporaryFolder;
let relay: RelayProcess;
const accounts: Account[] = [];

const dataFolder = (): string => join(folder.path, "data");
const backup = (): string => join(folder.path, "backup");

beforeEach(async () => {
  folder = await createTemporaryFolder();
  relay = await startRelayProcess(dataFolder());
});
afterEach(async () => {
  await Promise.all(accounts.splice(0).map((account) => account.close()));
  await stop();
  await folder.remove();
});

async function stop(): Promise<void> {
  relay.signal("SIGTERM");
  await relay.exited;
}

/** On the same port, where the clients look for it. */
async function start(...options: string[]): Promise<void> {
  relay = await startRelayProcess(dataFolder(), { PEERBRAIN_PORT: new URL(relay.origin).port }, options);
}

async function makeBackup(): Promise<void> {
  await stop();
  await run("cp", ["-a", dataFolder(), backup()]);
  await start();
}

async function restoreBackup(): Promise<void> {
  await stop();
  await run("rm", ["-rf", dataFolder()]);
  await run("cp", ["-a", backup(), dataFolder()]);
  await start("--restored");
}

async function readUntil(feed: AsyncGenerator<FeedItem>, text: string): Promise<void> {
  for (let item = await nextItem(feed); item.kind !== "thought" || item.thought.text !== text; item = await nextItem(feed));
}

const connect = (username: string) => ({ relay: relay.origin, unsafeKeyStretching: true, username, password: username });

async function register(username: string): Promise<Account> {
  const { account } = await Account.register(connect(username));
  accounts.push(account);
  return account;
}

async function login(username: string): Promise<Account> {
  const account = await Account.login(connect(username));
  accounts.push(account);
  return account;
}

test("a device gives back to a restored relay what the backup lacks, and friends see nothing twice", async () => {
  const alice = await register("alice");
  const bob = await register("bob");
  const feed = bob.feed();
  await befriend(alice, bob);
  await alice.thoughts.write("in the backup");
  expect(await nextTexts(feed, 1)).toEqual(["in the backup"]);

  await makeBackup();
  const lost = await alice.thoughts.write("a slip");
  await alice.thoughts.withdraw(lost.id);
  await alice.thoughts.write("after the backup");
  // How much he saw of the slip depends on how soon he was back.
  await readUntil(feed, "after the backup");

  await restoreBackup();
  expect(await textsOf(await login("bob"), "alice")).toEqual(["in the backup"]);
  await alice.thoughts.write("after the restoration");
  const all = ["after the restoration", "after the backup", "in the backup"];
  expect(await textsOf(await login("alice"))).toEqual(all);
  expect(await textsOf(await login("bob"), "alice")).toEqual(all);
  expect(await nextTexts(feed, 1)).toEqual(["after the restoration"]);
  expect(await textsOf(bob, "alice")).toEqual(all);
});

test("what no device gives back is told, and a new sign-in goes on from the backup", async () => {
  const alice = await register("alice");
  const bob = await register("bob");
  await alice.thoughts.write("in the backup");
  await makeBackup();
  // A new epoch names a version of the vault that the backup does not have.
  await befriend(alice, bob);
  await alice.friends.end("bob");
  await alice.thoughts.write("after the backup");
  await restoreBackup();
  expect(await codeOf(alice.thoughts.write("never"))).toBe("RELAY_ROLLED_BACK");
  const again = await login("alice");
  await again.thoughts.write("from here on");
  expect(await textsOf(again)).toEqual(["from here on", "in the backup"]);
});
