import { afterAll, beforeAll, expect, test } from "vitest";
import { createWorld, nextTexts, textsOf, type World } from "./support.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const DAY_MS = 86_400_000;

test("an epoch lasts 90 days: the next thought begins a new one, and friends read on", async () => {
  let days = 0;
  const now = (): number => Date.now() + days * DAY_MS;
  const alice = await world.register("alice", { now });
  const bob = await world.register("bob");
  await world.befriend(alice, bob);
  expect((await alice.thoughts.write("today")).epoch).toBe(0);
  days = 89;
  expect((await alice.thoughts.write("in 89 days")).epoch).toBe(0);
  days = 91;
  expect((await alice.thoughts.write("in 91 days")).epoch).toBe(1);
  const feed = bob.feed();
  expect(await nextTexts(feed, 3)).toEqual(["today", "in 89 days", "in 91 days"]);
});

test("a device that never saw the epoch begin asks for its receipt, and renews it as well", async () => {
  const carol = await world.register("carol");
  for (const text of ["one", "two"]) await carol.thoughts.write(text);
  // The vault's next version pins a head behind the epoch: a new device begins to read there.
  const dave = await world.register("dave");
  await world.befriend(carol, dave);
  let days = 89;
  const later = await world.login("carol", { now: () => Date.now() + days * DAY_MS });
  expect((await later.thoughts.write("three")).epoch).toBe(0);
  days = 91;
  expect((await later.thoughts.write("four")).epoch).toBe(1);
  expect((await later.thoughts.write("five")).epoch).toBe(1);
  expect(await textsOf(later)).toEqual(["five", "four", "three", "two", "one"]);
});
