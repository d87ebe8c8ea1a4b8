import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeOf, createWorld, nextItem, nextNotice, nextTexts, textsOf, thoughtsOf, type World } from "./support.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

describe("two people who become friends", () => {
  test("read each other live, and what was written before", async () => {
    const alice = await world.register("alice");
    const bob = await world.register("bob");
    await alice.thoughts.write("before we met");
    expect(await codeOf(textsOf(bob, "alice"))).toBe("NOT_FRIENDS");
    await world.befriend(bob, alice);

    const feeds = { alice: alice.feed(), bob: bob.feed() };
    await alice.thoughts.write("hello Bob");
    expect(await nextTexts(feeds.bob, 1)).toEqual(["hello Bob"]);
    await bob.thoughts.write("hello Alice");
    expect(await nextTexts(feeds.alice, 1)).toEqual(["hello Alice"]);
    expect(await textsOf(bob, "alice")).toEqual(["hello Bob", "before we met"]);
    expect(bob.friends.list()).toMatchObject([{ username: "alice", verification: "unverified" }]);
    expect(await bob.friends.safetyNumber("alice")).toBe(await alice.friends.safetyNumber("bob"));
  });

  test("the feed of a new friend begins with what came after the friendship, however soon", async () => {
    const carol = await world.register("carol");
    const dave = await world.register("dave");
    const feed = dave.feed();
    await dave.friends.request("carol");
    await carol.friends.accept("dave");
    await carol.thoughts.write("at once");
    expect(await nextTexts(feed, 1)).toEqual(["at once"]);
  });

  test("nothing is lost that is written while the new friend's chain is being opened", async () => {
    let isWritten = (): void => undefined;
    const written = new Promise<void>((resolve) => (isWritten = resolve));
    // Opening a chain ends with its grants: by the time they are answered, the thought was written and delivered.
    const slowGrants: typeof fetch = async (input, init) => {
      if (typeof init?.body === "string" && init.body.includes("query Grants")) await written;
      return fetch(input, init);
    };
    const gina = await world.register("gina");
    const hugo = await world.register("hugo", { fetch: slowGrants });
    const feed = hugo.feed();
    await hugo.friends.request("gina");
    await gina.friends.accept("hugo");
    await expect.poll(() => gina.friends.list()).toHaveLength(1);
    await gina.thoughts.write("meanwhile");
    await new Promise((resolve) => setTimeout(resolve, 300));
    isWritten();
    expect(await nextTexts(feed, 1)).toEqual(["meanwhile"]);
  });

  test("requests that cross become one friendship", async () => {
    const erin = await world.register("erin");
    const frank = await world.register("frank");
    const told = Promise.all([erin, frank].map((account) => nextNotice(account, "befriended")));
    await Promise.all([erin.friends.request("frank"), frank.friends.request("erin")]);
    await told;
    await erin.thoughts.write("we both asked");
    await expect.poll(() => textsOf(frank, "erin")).toEqual(["we both asked"]);
    expect((await erin.friends.requests()).received).toEqual([]);
  });

  test("a request can be declined or taken back, and be made again", async () => {
    const grace = await world.register("grace");
    const heidi = await world.register("heidi");
    await grace.friends.request("heidi");
    expect(await codeOf(grace.friends.request("grace"))).toBe("REQUEST_TO_SELF");
    await heidi.friends.decline("grace");
    expect(await codeOf(heidi.friends.accept("grace"))).toBe("REQUEST_UNKNOWN");
    await expect.poll(() => codeOf(grace.friends.cancel("heidi"))).toBe("REQUEST_UNKNOWN");
    await grace.friends.request("heidi");
    await grace.friends.cancel("heidi");
    expect(await codeOf(heidi.friends.accept("grace"))).toBe("REQUEST_UNKNOWN");
    await world.befriend(heidi, grace);
    expect(await codeOf(grace.friends.request("heidi"))).toBe("REQUEST_EXISTS");
  });
});

describe("when a friendship ends", () => {
  test("the ex-friend reads nothing new, other friends read on, and both write under new keys", async () => {
    const ivan = await world.register("ivan");
    const judy = await world.register("judy");
    const mallory = await world.register("mallory");
    await world.befriend(judy, ivan);
    await world.befriend(mallory, ivan);
    const feed = judy.feed();
    const ended = nextNotice(mallory, "ended");
    await ivan.friends.end("mallory");
    await ivan.thoughts.write("without Mallory");
    await ended;
    expect(await nextTexts(feed, 1)).toEqual(["without Mallory"]);
    expect(await codeOf(textsOf(mallory, "ivan"))).toBe("NOT_FRIENDS");
    const [after] = await thoughtsOf(judy, "ivan");
    expect(after?.epoch).toBe(1);

    const own = await mallory.thoughts.write("without Ivan");
    expect(own.epoch).toBe(1);
    expect(await codeOf(textsOf(ivan, "mallory"))).toBe("NOT_FRIENDS");
  });

  test("two who end it at the same moment both go on", async () => {
    const niaj = await world.register("niaj");
    const olivia = await world.register("olivia");
    await world.befriend(niaj, olivia);
    await Promise.all([niaj.friends.end("olivia"), olivia.friends.end("niaj")]);
    await niaj.thoughts.write("alone");
    await olivia.thoughts.write("alone too");
    expect(niaj.friends.list()).toEqual([]);
    expect(olivia.friends.list()).toEqual([]);
  });

  test("a withheld end is made up for: the relay's refusal itself begins the new epoch", async () => {
    const quinn = await world.register("quinn");
    const ruth = await world.register("ruth");
    await world.befriend(quinn, ruth);
    const feed = ruth.feed();
    await quinn.thoughts.write("before");
    expect(await nextTexts(feed, 1)).toEqual(["before"]);
    await quinn.friends.end("ruth");
    const written = await ruth.thoughts.write("without Quinn");
    expect(written.epoch).toBe(1);
    await quinn.thoughts.write("without Ruth");
    const next = nextItem(feed);
    await ruth.close();
    expect(await codeOf(next)).toBeUndefined();
  });

  test("they can become friends again, and then read everything", async () => {
    const peggy = await world.register("peggy");
    const rupert = await world.register("rupert");
    await world.befriend(peggy, rupert);
    const ended = nextNotice(rupert, "ended");
    await peggy.friends.end("rupert");
    await peggy.thoughts.write("in between");
    await ended;
    await world.befriend(rupert, peggy);
    expect(await textsOf(rupert, "peggy")).toEqual(["in between"]);
  });
});

describe("thoughts", () => {
  test("can be edited and withdrawn, and friends see both", async () => {
    const sybil = await world.register("sybil");
    const trent = await world.register("trent");
    await world.befriend(sybil, trent);
    const feed = trent.feed();
    const first = await sybil.thoughts.write("a frist draft");
    expect(await nextTexts(feed, 1)).toEqual(["a frist draft"]);
    await sybil.thoughts.edit(first.id, "a first draft");
    expect(await nextItem(feed)).toMatchObject({ kind: "edited", thought: { id: first.id, text: "a first draft" } });
    const second = await sybil.thoughts.write("said too soon");
    expect(await nextTexts(feed, 1)).toEqual(["said too soon"]);
    await sybil.thoughts.withdraw(second.id);
    expect(await nextItem(feed)).toMatchObject({ kind: "withdrawn", id: second.id });
    expect(await thoughtsOf(trent, "sybil")).toMatchObject([{ text: "a first draft", edited: true, id: first.id }]);
    expect(await codeOf(sybil.thoughts.withdraw(second.id))).toBe("THOUGHT_UNKNOWN");
    expect(await codeOf(sybil.thoughts.edit(second.id, "again"))).toBe("THOUGHT_UNKNOWN");
  });

  test("take their edits along when they are withdrawn", async () => {
    const xena = await world.register("xena");
    const yves = await world.register("yves");
    await world.befriend(xena, yves);
    const thought = await xena.thoughts.write("too much");
    await xena.thoughts.edit(thought.id, "still too much");
    await xena.thoughts.withdraw(thought.id);
    await xena.thoughts.write("the last word");
    const items = [];
    for await (const item of yves.feed()) {
      items.push(item.kind === "thought" || item.kind === "edited" ? item.thought.text : item.kind);
      if (items.includes("the last word")) break;
    }
    expect(items).not.toContain("still too much");
    expect(await textsOf(yves, "xena")).toEqual(["the last word"]);
    const operator = new pg.Client(world.relay.database.connection);
    await operator.connect();
    const { rows } = await operator.query('SELECT 1 FROM "Entry" WHERE author = $1 AND type = 2 AND payload IS NOT NULL', [Buffer.from(xena.userId)]);
    await operator.end();
    expect(rows).toHaveLength(1);
  });

  test("are found by whole words and beginnings of words, in all history, on the device", async () => {
    const uma = await world.register("uma");
    const victor = await world.register("victor");
    for (const text of ["Grüße aus Köln", "the quick brown fox", "a QUICKER answer"]) await uma.thoughts.write(text);
    await world.befriend(victor, uma);
    const texts = async (query: string) => (await victor.search(query)).map(({ text }) => text);
    expect(await texts("quick")).toEqual(["a QUICKER answer", "the quick brown fox"]);
    expect(await texts("brown qui")).toEqual(["the quick brown fox"]);
    expect(await texts("köln")).toEqual(["Grüße aus Köln"]);
    expect(await texts("rown")).toEqual([]);
    expect(await texts("")).toEqual([]);
    await uma.friends.end("victor");
    await expect.poll(() => texts("quick")).toEqual([]);
  });

  test("of 60 000 bytes travel whole; longer ones and broken text are refused before anything is sent", async () => {
    const walter = await world.register("walter");
    const longest = "ü".repeat(30_000);
    await walter.thoughts.write(longest);
    expect(await codeOf(walter.thoughts.write(`${longest}a`))).toBe("TEXT_TOO_LONG");
    expect(await codeOf(walter.thoughts.write("a lone surrogate \ud800"))).toBe("bad-text");
    const strange = "NUL \u0000, bidi \u202e, family \u{1F468}\u200d\u{1F469}\u200d\u{1F467}, e\u0301";
    await walter.thoughts.write(strange);
    expect(await textsOf(walter)).toEqual([strange, longest]);
  });
});
