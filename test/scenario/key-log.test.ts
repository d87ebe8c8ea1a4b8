import { afterAll, beforeAll, expect, test } from "vitest";
import { createWorld, type World } from "./support.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

test("at sign-in the key log is asked as often with five friends as with one", async () => {
  const peggy = await world.register("peggy");
  const questions = async (): Promise<number> => {
    let count = 0;
    const counting: typeof fetch = async (input, init) => {
      const request = new Request(input, init);
      if ((await request.clone().text()).includes("query KeyLog(")) count += 1;
      return fetch(request);
    };
    await (await world.login("peggy", { fetch: counting })).close();
    return count;
  };
  await world.befriend(peggy, await world.register("friend_1"));
  const withOne = await questions();
  for (let index = 2; index <= 5; index += 1) await world.befriend(peggy, await world.register(`friend_${index}`));
  expect([withOne, await questions()]).toEqual([2, 2]);
});
