import { afterAll, beforeAll, expect, test } from "vitest";
import { Account, Archive, type ConnectOptions, type FeedItem } from "../../src/client/index.ts";
import { startRestorableRelay, type RestorableRelay } from "../support/restorable-relay.ts";
import { befriend, codeOf, nextTexts, readUntil, textsOf } from "./support.ts";

const password = "a password of its own";
const unsafe = { unsafeKeyStretching: true };

let relay: RestorableRelay;
let feed: AsyncGenerator<FeedItem>;
let bob: Account;
const accounts: Account[] = [];
const archives: Record<string, Archive> = {};

const connect = (username: string) => ({ relay: relay.origin(), ...unsafe, username, password: username });

async function register(username: string): Promise<Account> {
  const { account } = await Account.register(connect(username));
  accounts.push(account);
  return account;
}

async function login(username: string, more: Pick<ConnectOptions, "archive"> = {}): Promise<Account> {
  const account = await Account.login({ ...connect(username), ...more });
  accounts.push(account);
  return account;
}

/** Exports, and then it is as if every device of this person were lost. */
async function exportAndLose(account: Account): Promise<void> {
  const parts: Uint8Array[] = [];
  for await (const part of account.export(password)) parts.push(part);
  archives[account.username] = await Archive.open(async function* () {
    yield* parts;
  }, password, unsafe);
  await account.close();
}

function archiveOf(username: string): Archive {
  const archive = archives[username];
  if (archive === undefined) throw new Error(`no archive of ${username}`);
  return archive;
}

beforeAll(async () => {
  relay = await startRestorableRelay();
  const alice = await register("alice");
  bob = await register("bob");
  feed = bob.feed();
  await befriend(alice, bob);
  await alice.thoughts.write("in the backup");
  const carol = await register("carol");
  await relay.makeBackup();
  const dave = await register("dave");
  await dave.thoughts.write("lost with the user");
  const typo = await alice.thoughts.write("after teh backup");
  await alice.thoughts.edit(typo.id, "after the backup");
  await alice.thoughts.write("the last one");
  await readUntil(feed, "the last one");
  await carol.thoughts.write("comes back");
  const slip = await carol.thoughts.write("a slip");
  await carol.thoughts.withdraw(slip.id);
  await carol.thoughts.write("stays in the file");
  for (const account of [alice, carol, dave]) await exportAndLose(account);
  await relay.restoreBackup();
}, 120_000);
afterAll(async () => {
  await Promise.all(accounts.map((account) => account.close()));
  await relay.close();
});

test("a restored relay is given back what it lacks when no device is left, and friends read on", { timeout: 60_000 }, async () => {
  // What he writes says how far he has read.
  await bob.thoughts.write("still here");
  expect(await codeOf(login("alice"))).toBe("OWN_CHAIN_WITHHELD");
  const archive = archiveOf("alice");
  const alice = await login("alice", { archive });
  expect(alice.givenBack).toEqual({ given: 3, left: 0 });
  expect((await login("alice", { archive })).givenBack).toEqual({ given: 0, left: 0 });
  await alice.thoughts.write("after the restoration");
  // No alarm: what came back is what he has read.
  expect(await nextTexts(feed, 1)).toEqual(["after the restoration"]);
  const all = ["after the restoration", "the last one", "after the backup", "in the backup"];
  expect(await textsOf(alice)).toEqual(all);
  expect(await textsOf(bob, "alice")).toEqual(all);
  expect(await textsOf(await login("bob"), "alice")).toEqual(all);
});

test("what follows a withdrawn thought is not given back and said to be so, and nothing is mixed with what was written since", { timeout: 60_000 }, async () => {
  const archive = archiveOf("carol");
  const carol = await login("carol", { archive });
  expect(carol.givenBack).toEqual({ given: 1, left: 3 });
  await carol.thoughts.write("from here on");
  expect(await codeOf(login("carol", { archive }))).toBe("ARCHIVE_CONFLICT");
  expect(await textsOf(await login("carol"))).toEqual(["from here on", "comes back"]);
});

test("nothing is given to a user who had to register anew, and the archive still reads", { timeout: 60_000 }, async () => {
  const archive = archiveOf("dave");
  expect(await codeOf(login("dave", { archive }))).toBe("PASSWORD_WRONG");
  await register("dave");
  expect(await codeOf(login("dave", { archive }))).toBe("ARCHIVE_OF_OTHERS");
  expect((await archive.verify()).chains).toMatchObject([{ username: "dave", thoughts: 1 }]);
});
