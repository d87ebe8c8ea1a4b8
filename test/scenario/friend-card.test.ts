import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Notice } from "../../src/client/index.ts";
import { hookedFetch } from "../support/hooked-fetch.ts";
import { createWorld, nextItem, nextNotice, passwordOf, textsOf, thoughtsOf, type World } from "./support.ts";

let world: World;
let database: Client;
beforeAll(async () => {
  world = await createWorld();
  database = new Client(world.relay.database.connection);
  await database.connect();
});
afterAll(async () => {
  await database.end();
  await world.close();
});

const NEW_PASSWORD = "nobody knows this one";

async function rowOf(username: string): Promise<Record<string, unknown>> {
  return (await database.query('SELECT * FROM "User" WHERE username = $1', [username])).rows[0];
}

describe("a friend's new card", () => {
  test("is taken with a notice; the friend reads as changed, and a new epoch comes before one's next thought", async () => {
    const nina = await world.register("nina");
    const otto = await world.register("otto");
    await world.befriend(nina, otto);
    await otto.friends.markVerified("nina");
    const numberBefore = await otto.friends.safetyNumber("nina");
    const told = nextNotice(otto, "cardChanged");
    await nina.reset(passwordOf("nina"), NEW_PASSWORD);
    expect(await told).toMatchObject({ username: "nina", wasVerified: true });
    expect(otto.friends.list()).toMatchObject([{ username: "nina", verification: "changed" }]);
    const number = await otto.friends.safetyNumber("nina");
    expect(number).not.toBe(numberBefore);
    expect(await nina.friends.safetyNumber("otto")).toBe(number);

    const feed = nina.feed();
    expect((await otto.thoughts.write("for the new keys")).epoch).toBe(1);
    expect(await nextItem(feed)).toMatchObject({ kind: "thought", thought: { text: "for the new keys", epoch: 1 } });
    expect((await otto.thoughts.write("once is enough")).epoch).toBe(1);
    const items = await nina.thoughts.write("unverified now");
    await expect.poll(async () => (await thoughtsOf(otto, "nina")).map(({ id, verification }) => [id, verification])).toEqual([[items.id, "changed"]]);

    await otto.friends.markVerified("nina", await nina.friends.safetyNumber("otto"));
    expect(otto.friends.list()).toMatchObject([{ username: "nina", verification: "verified" }]);
  });

  test("is found by who was away, before anything is written", async () => {
    const pia = await world.register("pia");
    const quinn = await world.register("quinn");
    await world.befriend(pia, quinn);
    await quinn.close();
    await pia.reset(passwordOf("pia"), NEW_PASSWORD);
    await pia.thoughts.write("while you were away");

    const notices: Notice[] = [];
    const back = await world.login("quinn", { onNotice: (notice) => void notices.push(notice) });
    expect(notices).toContainEqual(expect.objectContaining({ kind: "cardChanged", username: "pia" }));
    expect((await back.thoughts.write("first")).epoch).toBe(1);
    expect(await textsOf(back, "pia")).toEqual(["while you were away"]);
    await expect.poll(() => textsOf(pia, "quinn")).toEqual(["first"]);
    const notAgain: Notice[] = [];
    await world.login("quinn", { onNotice: (notice) => void notAgain.push(notice) });
    expect(notAgain.filter(({ kind }) => kind === "cardChanged")).toEqual([]);
  });

  test("opens what was granted to the old one with the keys that are kept, and gets it anew", async () => {
    const rosa = await world.register("rosa");
    const sam = await world.register("sam");
    await world.befriend(rosa, sam);
    await sam.thoughts.write("granted to the old card");
    await sam.close();
    await rosa.reset(passwordOf("rosa"), NEW_PASSWORD);
    const again = await world.login("rosa", { password: NEW_PASSWORD });
    expect(await textsOf(again, "sam")).toEqual(["granted to the old card"]);
    const asked = await database.query('SELECT count(*)::int AS count FROM "Edge" WHERE "grantAskedMs" IS NOT NULL AND reader = $1', [(await rowOf("rosa"))["id"]]);
    expect(asked.rows[0]).toEqual({ count: 1 });
    const recipientCard = async () => {
      const { rows } = await database.query('SELECT substring(bytes FROM 135 FOR 32) AS card FROM "Grant" WHERE recipient = $1 AND author = $2', [(await rowOf("rosa"))["id"], (await rowOf("sam"))["id"]]);
      return rows.map(({ card }) => card.toString("hex"));
    };
    const [before] = await recipientCard();
    await world.login("sam");
    await expect.poll(recipientCard).not.toEqual([before]);
    await expect.poll(() => textsOf(again, "sam")).toEqual(["granted to the old card"]);
  });

  test("answers a request that was made to the old one", async () => {
    const tara = await world.register("tara");
    const ugo = await world.register("ugo");
    await tara.friends.request("ugo");
    await ugo.reset(passwordOf("ugo"));
    const told = Promise.all([tara, ugo].map((account) => nextNotice(account, "befriended")));
    await ugo.friends.accept("tara");
    await told;
    await ugo.thoughts.write("hello");
    await expect.poll(() => textsOf(tara, "ugo")).toEqual(["hello"]);
  });
});

describe("a step of a friendship beside a new card", () => {
  test("that another device took under the earlier card counts", async () => {
    const [wilma, xenia] = [await world.register("wilma"), await world.register("xenia")];
    await wilma.friends.request("xenia");
    await wilma.close();
    await xenia.friends.accept("wilma");
    const told: string[] = [];
    const isRequests = (init?: RequestInit): boolean => (init?.body as string).includes("query Requests");
    const listening: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      if (isRequests(init)) told.push(await response.clone().text());
      return response;
    };
    const laptop = await world.login("wilma", { fetch: listening });
    expect(laptop.friends.list()).toMatchObject([{ username: "xenia" }]);
    await laptop.reset(passwordOf("wilma"));
    // The list of requests was on its way all the time.
    const late: typeof fetch = async (input, init) => (isRequests(init) ? new Response(told[0]) : fetch(input, init));
    const phone = await world.login("wilma", { fetch: late });
    expect(phone.friends.list()).toMatchObject([{ username: "xenia" }]);
    const { text } = await xenia.thoughts.write("for friends");
    await expect.poll(() => textsOf(phone, "xenia")).toEqual([text]);
  });

  test("is taken again when the other side replaces the card meanwhile", async () => {
    const [tess, umar] = [await world.register("tess"), await world.register("umar")];
    await tess.friends.request("umar");
    await tess.close();
    const replace = (): Promise<unknown> => umar.reset(passwordOf("umar"));
    await umar.friends.accept("tess");
    const again = await world.login("tess", { fetch: hookedFetch({ "mutation ConfirmFriendship": { before: replace } }) });
    expect(again.friends.list()).toMatchObject([{ username: "umar" }]);
    await expect.poll(() => umar.friends.list()).toMatchObject([{ username: "tess" }]);
    const { text } = await umar.thoughts.write("under the new card");
    await expect.poll(() => textsOf(again, "umar")).toEqual([text]);
  });

  test("is followed when the friendship was told before the card came", async () => {
    const [vic, yara] = [await world.register("vic"), await world.register("yara")];
    await world.befriend(vic, yara);
    await vic.close();
    const told: string[] = [];
    const isFriendships = (init?: RequestInit): boolean => (init?.body as string).includes("query Friendships");
    const listening: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      if (isFriendships(init)) told.push(await response.clone().text());
      return response;
    };
    const laptop = await world.login("vic", { fetch: listening });
    const pinned = nextNotice(laptop, "cardChanged");
    await yara.reset(passwordOf("yara"));
    await pinned;
    const problems: Notice[] = [];
    const late: typeof fetch = async (input, init) => (isFriendships(init) ? new Response(told[0]) : fetch(input, init));
    const phone = await world.login("vic", { fetch: late, onNotice: (notice) => void (notice.kind === "problem" && problems.push(notice)) });
    const { text } = await yara.thoughts.write("under the new card");
    await expect.poll(() => textsOf(phone, "yara")).toEqual([text]);
    expect(problems).toEqual([]);
  });
});

describe("a step towards somebody whose card changes in that moment is taken with the new card", () => {
  test("when it asks", async () => {
    const zack = await world.register("zack");
    const abel = await world.register("abel", { fetch: hookedFetch({ "mutation RequestFriendship": { before: () => zack.reset(passwordOf("zack")) } }) });
    await abel.friends.request("zack");
    expect((await zack.friends.requests()).received).toMatchObject([{ username: "abel" }]);
  });

  test("when it declines", async () => {
    const cleo = await world.register("cleo");
    const bert = await world.register("bert", { fetch: hookedFetch({ "mutation DeclineFriendship": { before: () => cleo.reset(passwordOf("cleo")) } }) });
    await cleo.friends.request("bert");
    await bert.friends.decline("cleo");
    expect((await bert.friends.requests()).received).toEqual([]);
  });

  test("when it takes a request back, and when the card changed long before", async () => {
    const emil = await world.register("emil");
    const dora = await world.register("dora", { fetch: hookedFetch({ "mutation CancelFriendship": { before: () => emil.reset(passwordOf("emil")) } }) });
    await dora.friends.request("emil");
    await emil.reset(passwordOf("emil"));
    await dora.friends.cancel("emil");
    expect((await dora.friends.requests()).sent).toEqual([]);
  });
});
