import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createWorld, nextNotice, type World } from "./support.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

describe("two devices of one user, each of which acts before it heard of the other", () => {
  test("ask the same person: it stays one request, and its acceptance makes friends", async () => {
    const alice = await world.register("alice");
    const bob = await world.register("bob");
    const second = await world.login("alice");
    await alice.friends.request("bob");
    await second.friends.request("bob");
    const told = Promise.all([alice, second, bob].map((account) => nextNotice(account, "befriended")));
    await bob.friends.accept("alice");
    await told;
    expect([alice, second].map((account) => account.friends.list())).toMatchObject([[{ username: "bob" }], [{ username: "bob" }]]);
  });

  test("ask somebody who has declined the first time: the second request is a new one", async () => {
    const carol = await world.register("carol");
    const dave = await world.register("dave");
    const second = await world.login("carol");
    await second.friends.request("dave");
    await second.close();
    await carol.friends.request("dave");
    await dave.friends.decline("carol");
    await carol.friends.request("dave");
    expect((await dave.friends.requests()).received).toMatchObject([{ username: "carol" }]);
  });
});
