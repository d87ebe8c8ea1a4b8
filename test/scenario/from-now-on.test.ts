import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RelayRefusal, type Account, type FriendChoice } from "../../src/client/index.ts";
import { codeOf, createWorld, nextItem, nextNotice, nextTexts, textsOf, type World } from "./support.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

/** Resolves when both sides know it. */
async function befriend(requester: Account, accepter: Account, choices: { requester?: FriendChoice; accepter?: FriendChoice }): Promise<void> {
  const told = Promise.all([requester, accepter].map((account) => nextNotice(account, "befriended")));
  await requester.friends.request(accepter.username, choices.requester);
  await accepter.friends.accept(requester.username, choices.accepter);
  await told;
}

/** Each of them makes the author's next epoch begin. */
async function rotate(author: Account, passerBy: string): Promise<void> {
  const other = await world.register(passerBy);
  await world.befriend(other, author);
  await author.friends.end(passerBy);
}

/** Kind and epoch of every grant that the relay keeps for this reader of this author. */
async function grantsOf(author: Account, reader: Account): Promise<string[]> {
  const operator = new pg.Client(world.relay.database.connection);
  await operator.connect();
  const { rows } = await operator.query<{ kind: number; epoch: number }>(
    'SELECT kind, epoch FROM "Grant" WHERE author = $1 AND recipient = $2 ORDER BY epoch, kind',
    [Buffer.from(author.userId), Buffer.from(reader.userId)],
  );
  await operator.end();
  return rows.map(({ kind, epoch }) => `kind ${kind} of epoch ${epoch}`);
}

const sharingsOf = ({ friends }: Account) => Object.fromEntries(friends.list().map(({ username, sharing }) => [username, sharing]));

describe("a friend who reads from now on", () => {
  test("reads on across new epochs and on a second device, and nothing from before", async () => {
    const alice = await world.register("alice");
    const bob = await world.register("bob");
    await alice.thoughts.write("before Bob");
    await bob.thoughts.write("Bob hides nothing");
    await befriend(bob, alice, { accepter: { history: false } });
    const feed = bob.feed();
    await alice.thoughts.write("hello Bob");
    await rotate(alice, "first_passer");
    await alice.thoughts.write("in the next epoch");
    await rotate(alice, "second_passer");
    await alice.thoughts.write("and in the one after");

    const since = ["and in the one after", "in the next epoch", "hello Bob"];
    expect(await nextTexts(feed, 3)).toEqual([...since].reverse());
    expect(await textsOf(bob, "alice")).toEqual(since);
    expect(bob.thoughts.horizon("alice")).toBe("before-your-time");
    expect(alice.thoughts.horizon("bob")).toBe("beginning");
    expect(await textsOf(alice, "bob")).toEqual(["Bob hides nothing"]);
    expect(sharingsOf(alice)).toEqual({ bob: "from-now-on" });
    expect(sharingsOf(bob)).toEqual({ alice: "everything" });

    const device = await world.login("bob");
    expect(await textsOf(device, "alice")).toEqual(since);
    expect(device.thoughts.horizon("alice")).toBe("before-your-time");
    expect((await device.search("before")).map(({ text }) => text)).toEqual([]);
    const second = await world.login("alice");
    await rotate(second, "third_passer");
    await second.thoughts.write("from another device");
    expect(await nextItem(feed)).toMatchObject({ kind: "thought", thought: { text: "from another device" } });
    expect(await grantsOf(alice, bob)).toEqual([1, 2, 3, 4].map((epoch) => `kind 2 of epoch ${epoch}`));
  });

  test("may be who was asked as well: the epoch begins when they have accepted", async () => {
    const carol = await world.register("carol");
    const dave = await world.register("dave");
    await carol.friends.request("dave", { history: false });
    await carol.thoughts.write("while Dave makes up his mind");
    const told = nextNotice(dave, "befriended");
    await dave.friends.accept("carol");
    await told;
    await carol.thoughts.write("hello Dave");
    await expect.poll(() => textsOf(dave, "carol")).toEqual(["hello Dave"]);
    expect(dave.thoughts.horizon("carol")).toBe("before-your-time");
    expect(await grantsOf(carol, dave)).toEqual(["kind 2 of epoch 1"]);
    expect(await grantsOf(dave, carol)).toEqual(["kind 1 of epoch 0"]);
  });

  test("keeps what was chosen with a request that crosses another", async () => {
    const erin = await world.register("erin");
    const frank = await world.register("frank");
    await frank.thoughts.write("before Erin");
    await erin.friends.request("frank");
    const told = Promise.all([erin, frank].map((account) => nextNotice(account, "befriended")));
    await frank.friends.request("erin", { history: false });
    await told;
    await frank.thoughts.write("hello Erin");
    await expect.poll(() => textsOf(erin, "frank")).toEqual(["hello Erin"]);
    expect(await grantsOf(frank, erin)).toEqual(["kind 2 of epoch 1"]);
  });

  test("stays one when they are verified: it was chosen for them", async () => {
    const grace = await world.register("grace");
    const heidi = await world.register("heidi");
    await grace.thoughts.write("before Heidi");
    await grace.friends.setHistoryAfterVerification(true);
    await befriend(heidi, grace, { accepter: { history: false } });
    await grace.friends.markVerified("heidi");
    await grace.thoughts.write("hello Heidi");
    await expect.poll(() => textsOf(heidi, "grace")).toEqual(["hello Heidi"]);
    expect(await grantsOf(grace, heidi)).toEqual(["kind 2 of epoch 1"]);
  });
});

describe("history after verification", () => {
  test("keeps history from a friend by name until they are verified, and then opens it by itself", async () => {
    const ivan = await world.register("ivan");
    const judy = await world.register("judy");
    await ivan.thoughts.write("long ago");
    await ivan.friends.setHistoryAfterVerification(true);
    await befriend(judy, ivan, {});
    await ivan.thoughts.write("hello Judy");
    await expect.poll(() => textsOf(judy, "ivan")).toEqual(["hello Judy"]);
    expect(judy.thoughts.horizon("ivan")).toBe("before-your-time");
    expect((await judy.search("long")).map(({ text }) => text)).toEqual([]);
    expect(sharingsOf(ivan)).toEqual({ judy: "everything-once-verified" });
    expect(await grantsOf(ivan, judy)).toEqual(["kind 2 of epoch 1"]);

    await ivan.friends.markVerified("judy", await judy.friends.safetyNumber("ivan"));
    expect(sharingsOf(ivan)).toEqual({ judy: "everything" });
    await expect.poll(() => textsOf(judy, "ivan")).toEqual(["hello Judy", "long ago"]);
    expect(judy.thoughts.horizon("ivan")).toBe("beginning");
    expect((await judy.search("long")).map(({ text }) => text)).toEqual(["long ago"]);
    // The passer-by gets an epoch of their own to read from, and another one begins when they leave.
    await rotate(ivan, "passer_of_ivan");
    expect(await grantsOf(ivan, judy)).toEqual(["kind 2 of epoch 1", "kind 1 of epoch 3"]);
  });

  test("is the rule on every device, for who asks and who is asked; a link opens history at once", async () => {
    const mallory = await world.register("mallory");
    await mallory.thoughts.write("long ago");
    await mallory.friends.setHistoryAfterVerification(true);
    const second = await world.login("mallory");
    expect(second.friends.historyAfterVerification).toBe(true);
    const [niaj, olivia] = [await world.register("niaj"), await world.register("olivia")];
    await befriend(second, niaj, {});
    expect(await textsOf(niaj, "mallory")).toEqual([]);
    const told = nextNotice(olivia, "befriended");
    await second.friends.request({ link: olivia.friends.inviteLink() });
    await olivia.friends.accept("mallory");
    await told;
    expect(await textsOf(olivia, "mallory")).toEqual(["long ago"]);
    expect(sharingsOf(second)).toEqual({ niaj: "everything-once-verified", olivia: "everything" });

    await second.friends.setHistoryAfterVerification(false);
    const peggy = await world.register("peggy");
    await befriend(second, peggy, {});
    expect(await textsOf(peggy, "mallory")).toEqual(["long ago"]);
  });

  test("that did not get through is given at the next sign-in", async () => {
    const rupert = await world.register("rupert");
    await rupert.thoughts.write("long ago");
    await rupert.friends.setHistoryAfterVerification(true);
    const sybil = await world.register("sybil");
    await befriend(sybil, rupert, {});
    const refusing: typeof fetch = async (input, init) => {
      const isStoring = typeof init?.body === "string" && init.body.includes("mutation StoreGrants");
      return isStoring ? Response.json({ errors: [{ message: "not now", extensions: { code: "SIZE_EXCEEDED" } }] }) : fetch(input, init);
    };
    const device = await world.login("rupert", { fetch: refusing });
    await expect(device.friends.markVerified("sybil")).rejects.toThrow(RelayRefusal);
    expect(sharingsOf(device)).toEqual({ sybil: "everything-once-verified" });
    expect(await textsOf(sybil, "rupert")).toEqual([]);

    expect(sharingsOf(await world.login("rupert"))).toEqual({ sybil: "everything" });
    await expect.poll(() => textsOf(sybil, "rupert")).toEqual(["long ago"]);
  });

  test("goes by what is known at the acceptance: whom one verified meanwhile reads everything", async () => {
    const trent = await world.register("trent");
    await trent.thoughts.write("long ago");
    await trent.friends.setHistoryAfterVerification(true);
    const uma = await world.register("uma");
    await trent.friends.request("uma");
    await trent.friends.markVerified("uma");
    const told = nextNotice(uma, "befriended");
    await uma.friends.accept("trent");
    await told;
    expect(await textsOf(uma, "trent")).toEqual(["long ago"]);
    expect(await grantsOf(trent, uma)).toEqual(["kind 1 of epoch 0"]);
    expect(await codeOf(Promise.resolve().then(() => uma.thoughts.horizon("nobody")))).toBe("NOT_FRIENDS");
  });
});
