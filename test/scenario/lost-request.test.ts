import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Account, Notice } from "../../src/client/index.ts";
import { hold } from "../support/hold-requests.ts";
import { openKeptDatabase } from "../support/kept-database.ts";
import { codeOf, createWorld, passwordOf, type World } from "./support.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld({ limits: { friendRequestsPerUserDay: 1 } });
});
afterEach(() => world.close());

/** Alice on a device whose request to Bob never reached the relay. */
async function askInVain(): Promise<{ alice: Account; bob: Account }> {
  const held = hold();
  const [alice, bob] = [await world.register("alice", { fetch: held.fetch, patienceMs: 10 }), await world.register("bob")];
  held.when("requestFriendship", () => Promise.reject(new Error("no way through")));
  expect(await codeOf(alice.friends.request("bob"))).toBe("RELAY_UNREACHABLE");
  held.release();
  return { alice, bob };
}

/** Signs Alice in anew, and answers why friendships could not be followed. */
async function problemsAtSignIn(): Promise<string[]> {
  const notices: Notice[] = [];
  await world.login("alice", { onNotice: (notice) => void notices.push(notice) });
  return notices.flatMap((notice) => (notice.kind === "problem" ? [String((notice.cause as { code?: string }).code)] : []));
}

async function disable(username: string): Promise<void> {
  const database = await openKeptDatabase(world.relay.database);
  await database.query('UPDATE "User" SET "disabledAtMs" = 1 WHERE "username" = $1', [username]);
  await database.close();
}

describe("a request that never arrived is sent again at the next sign-in", () => {
  test.each([
    ["deleted the account", (bob: Account) => bob.delete(passwordOf("bob"))],
    ["was disabled", () => disable("bob")],
  ])("and given up, which is told once, if who was asked %s", async (_, vanish) => {
    const { bob } = await askInVain();
    await vanish(bob);
    expect(await problemsAtSignIn()).toEqual(["USER_NOT_FOUND"]);
    expect(await problemsAtSignIn()).toEqual([]);
  });

  test("and kept for later if nothing more may be asked today: that keeps nobody out", async () => {
    const { alice, bob } = await askInVain();
    await world.register("carol");
    await alice.friends.request("carol");
    expect(await problemsAtSignIn()).toEqual(["RATE_LIMITED"]);
    expect(await problemsAtSignIn()).toEqual(["RATE_LIMITED"]);
    expect((await bob.friends.requests()).received).toEqual([]);
  });
});
