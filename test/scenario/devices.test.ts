import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Account } from "../../src/client/index.ts";
import { codeOf, createWorld, nextNotice, nextTexts, passwordOf, textsOf, type World } from "./support.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

describe("a second device", () => {
  test("finds friends, keys and thoughts in place with user name and password", async () => {
    const alice = await world.register("alice");
    const bob = await world.register("bob");
    await bob.thoughts.write("from Bob, before");
    await alice.thoughts.write("one");
    await world.befriend(alice, bob);
    await alice.thoughts.write("two");
    await alice.friends.markVerified("bob");

    const second = await world.login("alice");
    expect(await textsOf(second)).toEqual(["two", "one"]);
    expect(await textsOf(second, "bob")).toEqual(["from Bob, before"]);
    expect(second.friends.list()).toMatchObject([{ username: "bob", verification: "verified" }]);
    const feed = bob.feed();
    await second.thoughts.write("from the second device");
    expect(await nextTexts(feed, 2)).toEqual(["two", "from the second device"]);
    await expect.poll(() => textsOf(alice)).toContain("from the second device");
  });

  test("accepts a friend whom the first one then reads too", async () => {
    const carol = await world.register("carol");
    const dave = await world.register("dave");
    const second = await world.login("carol");
    await dave.friends.request("carol");
    const told = nextNotice(carol, "befriended");
    await second.friends.accept("dave");
    await told;
    await dave.thoughts.write("to both devices");
    await expect.poll(() => textsOf(carol, "dave")).toEqual(["to both devices"]);
    await expect.poll(() => textsOf(second, "dave")).toEqual(["to both devices"]);
  });

  test("ends a friendship, and the first one is told of it and writes under the new key", async () => {
    const erin = await world.register("erin");
    const frank = await world.register("frank");
    await world.befriend(erin, frank);
    const second = await world.login("erin");
    const told = nextNotice(erin, "ended");
    await second.friends.end("frank");
    expect(await told).toMatchObject({ username: "frank" });
    expect(await codeOf(textsOf(erin, "frank"))).toBe("NOT_FRIENDS");
    const written = await erin.thoughts.write("after the end");
    expect(written.epoch).toBe(1);
    expect(erin.friends.list()).toEqual([]);
    await expect.poll(() => textsOf(second)).toEqual(["after the end"]);
  });

  test("is told of the end by a friend, whichever device follows it first", async () => {
    const lena = await world.register("lena");
    const mike = await world.register("mike");
    await world.befriend(lena, mike);
    const second = await world.login("mike");
    const told = Promise.all([mike, second].map((account) => nextNotice(account, "ended")));
    await lena.friends.end("mike");
    expect(await told).toMatchObject([{ username: "lena" }, { username: "lena" }]);
  });

  test("ends a friendship although the first one saves the vault in step with every try", async () => {
    const first = await world.register("wilma");
    const xaver = await world.register("xaver");
    await world.befriend(first, xaver);
    let answeredMs: number | undefined;
    const inStep: typeof fetch = async (input, init) => {
      if (!(init?.body as string).includes("mutation EndFriendship")) return fetch(input, init);
      const isInStep = answeredMs === undefined || Date.now() - answeredMs < 200;
      if (isInStep) await first.friends.setHistoryAfterVerification(!first.friends.historyAfterVerification);
      const response = await fetch(input, init);
      answeredMs = Date.now();
      return response;
    };
    const second = await world.login("wilma", { fetch: inStep });
    await second.friends.end("xaver");
    await expect.poll(() => xaver.friends.list()).toEqual([]);
  });

  test("writes at the same time: no thought is lost, and what lost its place is healed", async () => {
    const grace = await world.register("grace");
    const heidi = await world.register("heidi");
    await world.befriend(grace, heidi);
    const second = await world.login("grace");
    const feed = heidi.feed();
    const texts = Array.from({ length: 12 }, (_, index) => `thought ${index}`);
    await Promise.all(texts.map((text, index) => (index % 2 === 0 ? grace : second).thoughts.write(text)));
    expect((await nextTexts(feed, texts.length)).sort()).toEqual([...texts].sort());
    expect((await textsOf(grace)).sort()).toEqual([...texts].sort());
  });
});

describe("passwords, codes and sessions", () => {
  test("a wrong password and an unknown name get the same answer", async () => {
    await world.register("ivan");
    expect(await codeOf(world.login("ivan", { password: "wrong" }))).toBe("PASSWORD_WRONG");
    expect(await codeOf(world.login("nobody_of_this_name"))).toBe("PASSWORD_WRONG");
    expect(await codeOf(world.register("ivan"))).toBe("USERNAME_TAKEN");
  });

  test("a password is the same in whatever form it is typed", async () => {
    const connect = { relay: world.relay.origin, unsafeKeyStretching: true, username: "judy" };
    world.keep((await Account.register({ ...connect, password: "caf\u00e9" })).account);
    world.keep(await Account.login({ ...connect, password: "cafe\u0301" }));
  });

  test("a new password replaces the old one, ends other sessions and keeps everything", async () => {
    const mallory = await world.register("mallory");
    const other = await world.login("mallory");
    await mallory.thoughts.write("kept");
    expect(await codeOf(mallory.changePassword("wrong", "new"))).toBe("PASSWORD_WRONG");
    await mallory.changePassword(passwordOf("mallory"), "new");
    expect(await codeOf(other.thoughts.write("too late"))).toBe("SIGNED_OUT");
    expect(await codeOf(world.login("mallory"))).toBe("PASSWORD_WRONG");
    const again = await world.login("mallory", { password: "new" });
    expect(await textsOf(again)).toEqual(["kept"]);
  });

  test("the recovery code brings everything back under a new password and a new code", async () => {
    const niaj = await world.register("niaj");
    await niaj.thoughts.write("kept");
    const code = world.recoveryCodeOf("niaj");
    const options = { relay: world.relay.origin, unsafeKeyStretching: true, username: "niaj", newPassword: "new" };
    const mistyped = `${code.slice(0, -1)}${code.endsWith("0") ? "1" : "0"}`;
    expect(await codeOf(Account.recover({ ...options, recoveryCode: mistyped }))).toBe("RECOVERY_CODE_WRONG");
    const lower = code.toLowerCase().replaceAll("-", " ");
    const { account, recoveryCode } = await Account.recover({ ...options, recoveryCode: lower });
    world.keep(account);
    expect(await textsOf(account)).toEqual(["kept"]);
    expect(await codeOf(Account.recover({ ...options, recoveryCode: code }))).toBe("RECOVERY_CODE_WRONG");
    world.keep((await Account.recover({ ...options, recoveryCode, newPassword: "newer" })).account);
    world.keep(await world.login("niaj", { password: "newer" }));
  });

  test("after a change of the password the recovery code still opens", async () => {
    const olivia = await world.register("olivia");
    await olivia.thoughts.write("kept");
    await olivia.changePassword(passwordOf("olivia"), "new");
    const options = { relay: world.relay.origin, unsafeKeyStretching: true, username: "olivia", newPassword: "newer" };
    const { account } = await Account.recover({ ...options, recoveryCode: world.recoveryCodeOf("olivia") });
    world.keep(account);
    expect(await textsOf(account)).toEqual(["kept"]);
  });

  test("sessions are listed by name and can be ended one by one", async () => {
    const peggy = await world.register("peggy", { deviceName: "laptop" });
    const phone = await world.login("peggy", { deviceName: "phone" });
    const listed = await peggy.sessions.list();
    expect(listed.map(({ deviceName, current }) => [deviceName, current])).toEqual([["phone", false], ["laptop", true]]);
    const told = nextNotice(phone, "disconnected");
    await peggy.sessions.end(listed[0]?.id ?? "");
    await told;
    expect(await codeOf(phone.thoughts.write("no"))).toBe("SIGNED_OUT");
    await peggy.logout();
    expect(await codeOf(peggy.accessToken())).toBe("SIGNED_OUT");
  });

  test("who chose so is found by e-mail address, and befriended by it", async () => {
    const rupert = await world.register("rupert");
    const sybil = await world.register("sybil");
    expect(await codeOf(rupert.friends.request({ email: "sybil@example.org" }))).toBe("USER_UNKNOWN");
    await sybil.setEmail("Sybil@Example.org");
    await rupert.friends.request({ email: "sybil@example.org" });
    expect((await sybil.friends.requests()).received).toMatchObject([{ username: "rupert" }]);
    expect(await codeOf(sybil.setEmail("not an address"))).toBe("EMAIL_MALFORMED");
    expect(await rupert.findUsers("sy")).toEqual(["sybil"]);
  });
});
