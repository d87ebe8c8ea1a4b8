import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Account, Notice } from "../../src/client/index.ts";
import { hold } from "../support/hold-requests.ts";
import { codeOf, createWorld, nextItem, nextNotice, passwordOf, textsOf, type World } from "./support.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

function noticesOf(account: Account): Notice[] {
  const notices: Notice[] = [];
  account.onNotice((notice) => void notices.push(notice));
  return notices;
}

const wrong = (kind: Notice["kind"]): boolean => ["alarm", "keyLogAlarm", "problem", "suspended", "proof"].includes(kind);

describe("somebody who deletes their account", () => {
  test("is gone for friends, who are told that it ended and see no alarm", async () => {
    const [alice, bob, carol] = [await world.register("alice"), await world.register("bob"), await world.register("carol")];
    await world.befriend(alice, bob);
    await world.befriend(carol, alice);
    await world.befriend(bob, carol);
    await alice.thoughts.write("I am leaving");
    const feed = bob.feed();
    expect(await nextItem(feed)).toMatchObject({ kind: "thought", thought: { text: "I am leaving" } });
    const notices = [noticesOf(bob), noticesOf(carol)];
    const told = [nextNotice(bob, "ended"), nextNotice(carol, "ended")];

    await alice.delete(passwordOf("alice"));
    expect(await Promise.all(told)).toMatchObject([{ username: "alice" }, { username: "alice" }]);
    expect(bob.friends.list().map(({ username }) => username)).toEqual(["carol"]);
    expect(await codeOf(textsOf(bob, "alice"))).toBe("NOT_FRIENDS");

    // Both write under new epochs, and what they tell each other of alice's chain raises nothing.
    await bob.thoughts.write("she left");
    await carol.thoughts.write("I heard");
    await expect.poll(() => textsOf(bob, "carol")).toEqual(["I heard"]);
    await expect.poll(() => textsOf(carol, "bob")).toEqual(["she left"]);
    expect(notices.flat().filter(({ kind }) => wrong(kind))).toEqual([]);

    // Who signs in later finds it in order too.
    const later = await world.login("bob");
    expect(later.friends.list().map(({ username }) => username)).toEqual(["carol"]);
    expect(await textsOf(later)).toEqual(["she left"]);
  });

  test("cannot sign in any more, by whatever way, and nobody gets the name", async () => {
    const dora = await world.register("dora");
    const second = await world.login("dora");
    await dora.delete(passwordOf("dora"));
    expect(await codeOf(world.login("dora"))).toBe("PASSWORD_WRONG");
    expect(await codeOf(second.thoughts.write("still here"))).toBe("SIGNED_OUT");
    expect(await codeOf(world.register("dora"))).toBe("USERNAME_TAKEN");
    const erik = await world.register("erik");
    expect(await erik.findUsers("dora")).toEqual([]);
    expect(await codeOf(erik.friends.request("dora"))).toBe("USER_NOT_FOUND");
    expect(erik.friends.list()).toEqual([]);
  });

  test("is followed by friends who were away, and by those whom nobody had answered", async () => {
    const [fay, gus, hal, ivy] = [await world.register("fay"), await world.register("gus"), await world.register("hal"), await world.register("ivy")];
    await world.befriend(fay, gus);
    await gus.close();
    await hal.friends.request("fay");
    await fay.friends.request("ivy");
    await fay.delete(passwordOf("fay"));

    const notices: Notice[] = [];
    const back = await world.login("gus", { onNotice: (notice) => void notices.push(notice) });
    expect(back.friends.list()).toEqual([]);
    expect(notices.filter(({ kind }) => wrong(kind))).toEqual([]);
    expect((await ivy.friends.requests()).received).toEqual([]);
    expect((await hal.friends.requests()).sent).toEqual([]);
    const halLater = await world.login("hal");
    await halLater.thoughts.write("nobody answered");
    expect(await codeOf(halLater.friends.request("fay"))).toBe("USER_NOT_FOUND");
  });

  test("needs the password: a session alone deletes nothing", async () => {
    const jo = await world.register("jo1");
    await jo.thoughts.write("mine");
    expect(await codeOf(jo.delete("a guess"))).toBe("PASSWORD_WRONG");
    expect(await textsOf(jo)).toEqual(["mine"]);
    await jo.thoughts.write("still mine");
  });

  test("while a friendship begins elsewhere ends that one too", async () => {
    const held = hold();
    const kim = await world.register("kim", { fetch: held.fetch });
    const lea = await world.register("lea");
    let tries = 0;
    held.when("deleteAccount", async (send) => {
      tries += 1;
      if (tries === 1) {
        const other = await world.login("kim");
        await world.befriend(other, lea);
        await other.close();
      }
      return send();
    });
    const ended = nextNotice(lea, "ended");
    await kim.delete(passwordOf("kim"));
    expect(tries).toBe(2);
    expect(await ended).toMatchObject({ username: "kim" });
    expect(lea.friends.list()).toEqual([]);
  });

  test("and never heard the answer finds out, and is done", async () => {
    const held = hold();
    const max = await world.register("max", { fetch: held.fetch });
    const ned = await world.register("ned");
    await world.befriend(max, ned);
    let tries = 0;
    held.when("deleteAccount", async (send) => {
      tries += 1;
      const answer = await send();
      if (tries === 1) throw new Error("the answer is lost");
      return answer;
    });
    const ended = nextNotice(ned, "ended");
    await max.delete(passwordOf("max"));
    expect(tries).toBeGreaterThan(1);
    await ended;
    expect(await codeOf(world.login("max"))).toBe("PASSWORD_WRONG");
  });

  test("and lost the relay on the way has deleted nothing, and can do it again", async () => {
    const held = hold();
    const olga = await world.register("olga", { fetch: held.fetch, patienceMs: 10 });
    await olga.thoughts.write("still there");
    held.when("deleteAccount", () => Promise.reject(new Error("no way through")));
    expect(await codeOf(olga.delete(passwordOf("olga")))).toBe("RELAY_UNREACHABLE");
    expect(await textsOf(await world.login("olga"))).toEqual(["still there"]);
    held.when("deleteAccount", (send) => send());
    await olga.delete(passwordOf("olga"));
    expect(await codeOf(world.login("olga"))).toBe("PASSWORD_WRONG");
  });
});
