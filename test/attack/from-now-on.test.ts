import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Account } from "../../src/client/index.ts";
import { encodeBase64url, GrantKind, idKey, parseBase64url, parseGrant } from "../../src/protocol/index.ts";
import { codeOf, nextNotice, textsOf } from "../scenario/support.ts";
import { at, createHostileRelay, createWorld, type World } from "./support.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

/** Every grant to this person that was among what a client sent: whatever the relay was told, it can pass on. */
function grantsTo(reader: Account, sent: string): string[] {
  const candidates = sent.match(/"[A-Za-z0-9_-]{2006}"/g) ?? [];
  const grants = candidates.map((text) => parseGrant(parseBase64url(text.slice(1, -1))));
  return grants.filter(({ recipient }) => idKey(recipient) === idKey(reader.userId)).map(({ kind, n }) => `kind ${kind} of epoch ${n}`);
}

describe("a relay on the side of a friend who reads from now on", () => {
  test("gets no key of an earlier epoch, wherever it makes the client stop and whatever it says is missing", async () => {
    await world.register("alice");
    const bob = await world.register("bob");
    const hostile = createHostileRelay();
    const alice = await world.login("alice", hostile);
    await alice.thoughts.write("before Bob");
    await bob.friends.request("alice");
    const isMissing = { asked: true, recipient: { __typename: "User", id: encodeBase64url(bob.userId) } };
    hostile.tamper("missingGrants", (data) => (data["missingGrants"] = [isMissing]));
    // No answer to the new epoch: nobody is a friend before it is known to be in force.
    hostile.tamper("appendEntries", (data) => (data["appendEntries"] = null));
    await expect(alice.friends.accept("bob", { history: false })).rejects.toThrow();
    await alice.close();
    const second = await world.login("alice", hostile);
    expect(grantsTo(bob, hostile.sent())).toEqual([]);

    hostile.reform();
    hostile.tamper("missingGrants", (data) => (data["missingGrants"] = [isMissing]));
    hostile.tamper("acceptFriendship", (data) => (data["acceptFriendship"] = null));
    await expect(second.friends.accept("bob", { history: false })).rejects.toThrow();
    await second.close();

    const third = await world.login("alice", hostile);
    hostile.reform();
    await codeOf(third.friends.accept("bob", { history: false }));
    await third.thoughts.write("hello Bob");
    await expect.poll(() => textsOf(bob, "alice")).toEqual(["hello Bob"]);
    expect(new Set(grantsTo(bob, hostile.sent()))).toEqual(new Set([`kind ${GrantKind.EPOCH_ONLY} of epoch 2`]));
  });

  test("gets no history for who is to be verified first, before that is done", async () => {
    await world.register("carol");
    const dave = await world.register("dave");
    const hostile = createHostileRelay();
    const carol = await world.login("carol", hostile);
    await carol.friends.setHistoryAfterVerification(true);
    const told = nextNotice(dave, "befriended");
    await dave.friends.request("carol");
    await carol.friends.accept("dave");
    await told;
    const isMissing = { asked: true, recipient: { __typename: "User", id: encodeBase64url(dave.userId) } };
    hostile.tamper("missingGrants", (data) => (data["missingGrants"] = [isMissing]));
    await carol.close();
    const again = await world.login("carol", hostile);
    expect(new Set(grantsTo(dave, hostile.sent()))).toEqual(new Set(["kind 2 of epoch 1"]));
    await again.friends.markVerified("dave");
    expect(new Set(grantsTo(dave, hostile.sent()))).toEqual(new Set(["kind 2 of epoch 1", "kind 1 of epoch 1"]));
  });
});

describe("a relay that withholds grants", () => {
  test("cannot pass them off as from before one's time, once they had opened", async () => {
    const erin = await world.register("erin");
    const frank = await world.register("frank");
    const told = Promise.all([erin, frank].map((account) => nextNotice(account, "befriended")));
    await frank.friends.request("erin");
    await erin.friends.accept("frank", { history: false });
    await told;
    await erin.thoughts.write("in the first epoch of Frank");
    const passer = await world.register("passer");
    await world.befriend(passer, erin);
    await erin.friends.end("passer");
    await erin.thoughts.write("in the second");
    await expect.poll(() => textsOf(frank, "erin")).toHaveLength(2);
    await frank.close();

    const hostile = createHostileRelay();
    hostile.tamper("grants", (data) => {
      const grants = at<{ nodes: { bytes: string }[] }>(data, "grants");
      grants.nodes = grants.nodes.filter(({ bytes }) => parseGrant(parseBase64url(bytes)).n !== 1);
    });
    const cheated = await world.login("frank", hostile);
    expect(await textsOf(cheated, "erin")).toEqual(["in the second"]);
    expect(cheated.thoughts.horizon("erin")).toBe("withheld");
    hostile.reform();
    const honest = await world.login("frank", hostile);
    expect(await textsOf(honest, "erin")).toHaveLength(2);
    expect(honest.thoughts.horizon("erin")).toBe("before-your-time");
  });
});
