import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeBase64url, encodeInviteLink } from "../../src/protocol/index.ts";
import { codeOf, nextNotice, textsOf } from "../scenario/support.ts";
import { createMember, succeed, type Member } from "../support/member.ts";
import { at, createHostileRelay, createWorld, type Answer, type HostileRelay, type World } from "./support.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

/** What an honest relay says about a user. */
async function userOf(username: string): Promise<Answer> {
  const watching = createHostileRelay();
  let found: Answer = {};
  watching.tamper("userByName", (data) => (found = structuredClone(at(data, "userByName"))));
  const reader = await world.login("watcher", watching);
  await codeOf(reader.friends.request(username));
  await codeOf(reader.friends.cancel(username));
  return found;
}

/** From now on the relay answers with these parts of somebody else for the id of a link. */
function substitute(hostile: HostileRelay, parts: Answer): void {
  hostile.tamper("user", (data) => Object.assign(at(data, "user"), structuredClone(parts)));
}

const inviteOf = (member: Member, cardHash: Uint8Array): string => encodeInviteLink({ relay: world.relay.origin, userId: member.userId, cardHash });

beforeAll(async () => {
  await world.register("watcher");
  await world.register("mallory");
});

describe("keys that are substituted at first contact", () => {
  test("by link are refused, whatever the relay puts in their place, and no request leaves", async () => {
    const alice = await world.register("alice");
    const mallory = await userOf("mallory");
    const hostile = createHostileRelay();
    const bob = await world.register("bob", hostile);
    const link = alice.friends.inviteLink();
    const attacks: Answer[] = [
      mallory,
      { id: mallory["id"], cards: mallory["cards"] },
      { cards: mallory["cards"] },
      { cards: [] },
      { username: "mallory" },
    ];
    for (const parts of attacks) {
      substitute(hostile, parts);
      expect(await codeOf(bob.friends.request({ link }))).toBe("INVITE_REFUSED");
    }
    hostile.tamper("user", (data) => (data["user"] = null));
    expect(await codeOf(bob.friends.request({ link }))).toBe("USER_UNKNOWN");
    expect(hostile.sent()).not.toMatch(/requestFriendship|acceptFriendship/);
    expect(hostile.sent()).not.toContain(link.slice(link.indexOf("#") + 1));
    expect(await bob.friends.requests()).toEqual({ received: [], sent: [] });

    hostile.reform();
    const told = nextNotice(bob, "befriended");
    await bob.friends.request({ link });
    await alice.friends.accept("bob");
    await told;
    expect(bob.friends.list()).toMatchObject([{ username: "alice", verification: "verified" }]);
  });

  test("by name pass, are marked as unverified, and are found out by comparing", async () => {
    const carol = await world.register("carol");
    const mallory = await world.login("mallory");
    const hostile = createHostileRelay();
    const dave = await world.register("dave", hostile);
    const { id, cards } = await userOf("mallory");
    hostile.tamper("userByName", (data) => Object.assign(at(data, "userByName"), { id, cards }));
    const told = nextNotice(dave, "befriended");
    await dave.friends.request("carol");
    await mallory.friends.accept("dave");
    await told;
    expect(dave.friends.list()).toMatchObject([{ username: "carol", verification: "unverified" }]);
    const [carols, daves] = [carol.friends.inviteLink(), await dave.friends.safetyNumber("carol")];
    expect(await codeOf(dave.friends.verifyByLink(carols))).toBe("NOT_FRIENDS");
    hostile.reform();

    // Carol, who has befriended Dave himself, reads out another number.
    const honest = await world.register("honest_dave");
    await world.befriend(carol, honest);
    const read = await carol.friends.safetyNumber("honest_dave");
    expect(read).not.toBe(daves);
    expect(await codeOf(dave.friends.markVerified("carol", read))).toBe("SAFETY_NUMBER_DIFFERS");
    expect(dave.friends.list()).toMatchObject([{ username: "carol", verification: "unverified" }]);
  });

  test("by hiding the card that a link names are refused: an older one may have leaked", async () => {
    const member = await createMember(world.relay);
    const { card, rotation, adopt } = member.hand.cardChange();
    await succeed(world.relay, "appendEntries", { entries: [card.bytes, rotation.epoch.bytes], grants: rotation.grants }, member.token);
    const firstCard = member.hand.person.cardHash;
    adopt();
    const hostile = createHostileRelay();
    const erin = await world.register("erin", hostile);
    hostile.tamper("user", (data) => at<unknown[]>(data, "user", "cards").splice(1));
    expect(await codeOf(erin.friends.request({ link: inviteOf(member, member.hand.person.cardHash) }))).toBe("INVITE_REFUSED");
    expect(hostile.sent()).not.toContain("requestFriendship");

    hostile.reform();
    await erin.friends.request({ link: inviteOf(member, member.hand.person.cardHash) });
    expect((await erin.friends.requests()).sent).toMatchObject([{ username: member.username }]);
    await erin.friends.cancel(member.username);
    // A link from before the card goes on working.
    await erin.friends.request({ link: inviteOf(member, firstCard) });
    expect((await erin.friends.requests()).sent).toMatchObject([{ username: member.username }]);
    expect(encodeBase64url(firstCard)).not.toBe(encodeBase64url(member.hand.person.cardHash));
  });
});

describe("a link to verify a friend with", () => {
  test("of somebody else, or of a card that is not theirs, verifies nobody", async () => {
    const frank = await world.register("frank");
    const grace = await world.register("grace");
    await world.befriend(frank, grace);
    const forged = encodeInviteLink({ relay: world.relay.origin, userId: grace.userId, cardHash: new Uint8Array(32).fill(7) });
    expect(await codeOf(frank.friends.verifyByLink(forged))).toBe("INVITE_REFUSED");
    expect(await codeOf(frank.friends.verifyByLink(frank.friends.inviteLink()))).toBe("NOT_FRIENDS");
    expect(frank.friends.list()).toMatchObject([{ username: "grace", verification: "unverified" }]);
    await frank.friends.verifyByLink(grace.friends.inviteLink());
    expect(frank.friends.list()).toMatchObject([{ username: "grace", verification: "verified" }]);
    expect(await textsOf(frank, "grace")).toEqual([]);
  });
});
