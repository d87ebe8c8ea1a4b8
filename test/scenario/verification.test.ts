import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Account } from "../../src/client/index.ts";
import { codeOf, createWorld, nextItem, nextNotice, thoughtsOf, type World } from "./support.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const verificationsOf = ({ friends }: Account) => Object.fromEntries(friends.list().map(({ username, verification }) => [username, verification]));

/** Resolves when both sides know it. */
async function befriendByLink(user: Account, maker: Account, link = maker.friends.inviteLink()): Promise<void> {
  const told = Promise.all([user, maker].map((account) => nextNotice(account, "befriended")));
  await user.friends.request({ link });
  await maker.friends.accept(user.username);
  await told;
}

describe("an invite link", () => {
  test("verifies its maker to who uses it, and proves nothing the other way round", async () => {
    const alice = await world.register("alice");
    const bob = await world.register("bob");
    expect(alice.friends.inviteLink()).toMatch(new RegExp(`^${world.relay.origin}/invite/alice#[A-Za-z0-9_-]{87}$`));
    await befriendByLink(bob, alice);
    expect(verificationsOf(bob)).toEqual({ alice: "verified" });
    expect(verificationsOf(alice)).toEqual({ bob: "unverified" });

    const feeds = { alice: alice.feed(), bob: bob.feed() };
    const thought = await alice.thoughts.write("to who knows me");
    expect(await nextItem(feeds.bob)).toMatchObject({ kind: "thought", thought: { verification: "verified" } });
    await alice.thoughts.withdraw(thought.id);
    expect(await nextItem(feeds.bob)).toMatchObject({ kind: "withdrawn", verification: "verified" });
    await bob.thoughts.write("to who does not know me yet");
    expect(await nextItem(feeds.alice)).toMatchObject({ kind: "thought", thought: { verification: "unverified" } });
    expect(await thoughtsOf(alice, "bob")).toMatchObject([{ verification: "unverified" }]);
    expect(await thoughtsOf(bob)).toMatchObject([{ verification: "verified" }]);

    await alice.friends.verifyByLink(bob.friends.inviteLink());
    expect(verificationsOf(alice)).toEqual({ bob: "verified" });
    expect(await thoughtsOf(alice, "bob")).toMatchObject([{ verification: "verified" }]);
  });

  test("works without a name in it, and says nothing of whose it is outside of its fragment", async () => {
    const carol = await world.register("carol");
    const dave = await world.register("dave");
    const link = dave.friends.inviteLink({ named: false });
    expect(link).toMatch(new RegExp(`^${world.relay.origin}/invite#`));
    await befriendByLink(carol, dave, ` ${link}\n`);
    expect(verificationsOf(carol)).toEqual({ dave: "verified" });
  });

  test("accepts instead when its maker asked first, by name", async () => {
    const erin = await world.register("erin");
    const frank = await world.register("frank");
    const told = Promise.all([erin, frank].map((account) => nextNotice(account, "befriended")));
    await erin.friends.request("frank");
    await frank.friends.request({ link: erin.friends.inviteLink() });
    await told;
    expect(verificationsOf(frank)).toEqual({ erin: "verified" });
    expect(verificationsOf(erin)).toEqual({ frank: "unverified" });
  });

  test("verifies also whom one has asked by name already, and whom one accepts afterwards", async () => {
    const grace = await world.register("grace");
    const heidi = await world.register("heidi");
    const told = Promise.all([grace, heidi].map((account) => nextNotice(account, "befriended")));
    await grace.friends.request("heidi");
    await grace.friends.request({ link: heidi.friends.inviteLink() });
    expect((await heidi.friends.requests()).received).toHaveLength(1);
    await heidi.friends.accept("grace");
    await told;
    expect(verificationsOf(grace)).toEqual({ heidi: "verified" });
  });

  test("that is broken, one's own, another relay's or a stranger's is refused with a code of its own", async () => {
    const ivan = await world.register("ivan");
    const judy = await world.register("judy");
    const link = judy.friends.inviteLink();
    const elsewhere = link.replace(world.relay.origin, "https://elsewhere.example");
    expect(await codeOf(ivan.friends.request({ link: link.slice(0, -4) }))).toBe("INVITE_MALFORMED");
    expect(await codeOf(ivan.friends.request({ link: link.replace("/invite/", "/Invite/") }))).toBe("INVITE_MALFORMED");
    expect(await codeOf(ivan.friends.request({ link: elsewhere }))).toBe("INVITE_ELSEWHERE");
    expect(await codeOf(ivan.friends.request({ link: ivan.friends.inviteLink() }))).toBe("REQUEST_TO_SELF");
    expect(await codeOf(ivan.friends.verifyByLink(link))).toBe("NOT_FRIENDS");
    expect(await codeOf(ivan.friends.verifyByLink(elsewhere))).toBe("INVITE_ELSEWHERE");
    expect(await ivan.friends.requests()).toEqual({ received: [], sent: [] });
  });
});

describe("safety numbers", () => {
  test("verify a friend on all devices, until one takes it back", async () => {
    const mallory = await world.register("mallory");
    const niaj = await world.register("niaj");
    await world.befriend(mallory, niaj);
    expect(verificationsOf(niaj)).toEqual({ mallory: "unverified" });
    await niaj.friends.markVerified("mallory", await mallory.friends.safetyNumber("niaj"));
    expect(verificationsOf(niaj)).toEqual({ mallory: "verified" });
    expect(verificationsOf(await world.login("niaj"))).toEqual({ mallory: "verified" });
    await niaj.friends.markUnverified("mallory");
    expect(verificationsOf(niaj)).toEqual({ mallory: "unverified" });
    expect(verificationsOf(await world.login("niaj"))).toEqual({ mallory: "unverified" });
  });

  test("of other people are refused, however they are spaced the right ones are not", async () => {
    const olivia = await world.register("olivia");
    const peggy = await world.register("peggy");
    const rupert = await world.register("rupert");
    await world.befriend(olivia, peggy);
    await world.befriend(olivia, rupert);
    const number = await peggy.friends.safetyNumber("olivia");
    expect(await codeOf(olivia.friends.markVerified("rupert", number))).toBe("SAFETY_NUMBER_DIFFERS");
    expect(await codeOf(olivia.friends.markVerified("sybil", number))).toBe("NOT_FRIENDS");
    expect(verificationsOf(olivia)).toEqual({ peggy: "unverified", rupert: "unverified" });
    await olivia.friends.markVerified("peggy", number.replaceAll(" ", "\n"));
    expect(verificationsOf(olivia)).toEqual({ peggy: "verified", rupert: "unverified" });
  });
});
