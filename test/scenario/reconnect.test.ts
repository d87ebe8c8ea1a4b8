import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Account } from "../../src/client/index.ts";
import { createCuttableSockets } from "../support/cuttable-sockets.ts";
import { createTemporaryFolder } from "../support/folders.ts";
import { startRelayProcess, type RelayProcess } from "../support/relay-process.ts";
import { createWorld, nextTexts, textsOf, type World } from "./support.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

describe("a reader whose connection breaks", () => {
  test("again and again misses nothing and sees nothing twice, in order", async () => {
    const sockets = createCuttableSockets();
    const alice = await world.register("alice");
    const bob = await world.register("bob", sockets);
    await world.befriend(alice, bob);
    const feed = bob.feed();
    const texts = Array.from({ length: 60 }, (_, index) => `thought ${index}`);
    const reading = nextTexts(feed, texts.length);
    for (const [index, text] of texts.entries()) {
      if (index % 5 === 0) sockets.cut();
      await alice.thoughts.write(text);
    }
    expect(await reading).toEqual(texts);
    await alice.thoughts.write("the end");
    expect(await nextTexts(feed, 1)).toEqual(["the end"]);
  });

  test("learns of a friend who came meanwhile", async () => {
    const sockets = createCuttableSockets();
    const carol = await world.register("carol", sockets);
    const dave = await world.register("dave");
    const feed = carol.feed();
    await carol.friends.request("dave");
    sockets.cut();
    await dave.friends.accept("carol");
    await dave.thoughts.write("you were away");
    expect(await nextTexts(feed, 1)).toEqual(["you were away"]);
  });
});

test("a client outlives the death and the restart of its relay, and closes when it is gone for good", { timeout: 45_000 }, async () => {
  const folder = await createTemporaryFolder();
  const dataFolder = join(folder.path, "data");
  const relays = [await startRelayProcess(dataFolder)];
  const [first] = relays as [RelayProcess];
  const { port } = new URL(first.origin);
  const { account: erin } = await Account.register({ relay: first.origin, unsafeKeyStretching: true, username: "erin", password: "erin" });
  try {
    await erin.thoughts.write("before");
    first.signal("SIGKILL");
    await first.exited;
    const writing = erin.thoughts.write("while the relay was away");
    relays.push(await startRelayProcess(dataFolder, { PEERBRAIN_PORT: port }));
    await writing;
    expect(await textsOf(erin)).toEqual(["while the relay was away", "before"]);
  } finally {
    for (const relay of relays) relay.signal("SIGTERM");
    await Promise.all(relays.map(({ exited }) => exited));
    await erin.close();
    await folder.remove();
  }
});
