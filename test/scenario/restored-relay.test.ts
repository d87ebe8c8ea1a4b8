import { afterEach, beforeEach, expect, test } from "vitest";
import { Account } from "../../src/client/index.ts";
import { startRestorableRelay, type RestorableRelay } from "../support/restorable-relay.ts";
import { befriend, codeOf, nextTexts, readUntil, textsOf } from "./support.ts";

let relay: RestorableRelay;
const accounts: Account[] = [];

beforeEach(async () => {
  relay = await startRestorableRelay();
});
afterEach(async () => {
  await Promise.all(accounts.splice(0).map((account) => account.close()));
  await relay.close();
});

const connect = (username: string) => ({ relay: relay.origin(), unsafeKeyStretching: true, username, password: username });

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

  await relay.makeBackup();
  const lost = await alice.thoughts.write("a slip");
  await alice.thoughts.withdraw(lost.id);
  await alice.thoughts.write("after the backup");
  // How much he saw of the slip depends on how soon he was back.
  await readUntil(feed, "after the backup");

  await relay.restoreBackup();
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
  await relay.makeBackup();
  // A new epoch names a version of the vault that the backup does not have.
  await befriend(alice, bob);
  await alice.friends.end("bob");
  await alice.thoughts.write("after the backup");
  await relay.restoreBackup();
  expect(await codeOf(alice.thoughts.write("never"))).toBe("RELAY_ROLLED_BACK");
  const again = await login("alice");
  await again.thoughts.write("from here on");
  expect(await textsOf(again)).toEqual(["from here on", "in the backup"]);
});
