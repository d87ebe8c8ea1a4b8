import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Account } from "../../src/client/index.ts";
import { generateBytes } from "../../src/crypto/index.ts";
import { encodeBase64url, parseBase64url } from "../../src/protocol/index.ts";
import { codeOf, nextItem, nextTexts, textsOf } from "../scenario/support.ts";
import type { Author } from "../support/author.ts";
import { createMember } from "../support/member.ts";
import { at, createHostileRelay, createWorld, flip, type Answer, type World } from "./support.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

type Nodes = { bytes: string }[];

describe("a relay that lies to somebody who signs in", () => {
  test("about the vault is a hard stop: swapped, changed and rolled back", async () => {
    const bob = await world.register("bob");
    const carol = await world.register("carol");
    const hostile = createHostileRelay();
    const vaults: Answer[] = [];
    hostile.tamper("vault", (data) => void vaults.push(structuredClone(at(data, "vault"))));
    await (await world.login("bob", hostile)).close();
    await world.befriend(bob, carol);
    await bob.friends.end("carol");

    hostile.tamper("vault", (data) => (data["vault"] = vaults[0]));
    expect(await codeOf(world.login("bob", hostile))).toBe("VAULT_BROKEN");
    hostile.tamper("vault", (data) => {
      const items = at<{ sealed: string }[]>(data, "vault", "items");
      if (items[1]) items[1].sealed = flip(items[1].sealed, -1);
    });
    expect(await codeOf(world.login("bob", hostile))).toBe("VAULT_BROKEN");
    hostile.tamper("vault", (data) => {
      const items = at<{ sealed: string }[]>(data, "vault", "items");
      const [first, second] = items;
      if (first && second) [first.sealed, second.sealed] = [second.sealed, first.sealed];
    });
    expect(await codeOf(world.login("bob", hostile))).toBe("VAULT_BROKEN");
    hostile.reform();
    expect((await world.login("bob", hostile)).friends.list()).toEqual([]);
  });

  test("about the own chain is a hard stop", async () => {
    const dave = await world.register("dave");
    await dave.thoughts.write("one");
    const hostile = createHostileRelay();
    hostile.tamper("chain", (data) => at<Nodes>(data, "chain", "nodes").forEach((node) => (node.bytes = flip(node.bytes, 100))));
    expect(await codeOf(world.login("dave", hostile))).toBe("OWN_CHAIN_MISMATCH");
    hostile.tamper("chain", (data) => {
      const chain = at<{ nodes: Nodes }>(data, "chain");
      chain.nodes = chain.nodes.slice(0, -1);
    });
    expect(await codeOf(world.login("dave", hostile))).toBe("OWN_CHAIN_MISMATCH");
  });

  test("about its own keys is another relay: nothing is replaced there", async () => {
    await world.register("erin");
    const hostile = createHostileRelay();
    const other = await createWorld();
    await other.register("erin");
    const elsewhere: typeof fetch = async (input, init) => {
      const body = await new Request(input, init).text();
      // The steps of OPAQUE go to a relay with other keys, which knows the same user name.
      const isLogin = /startPasswordChange/.test(body);
      return isLogin ? fetch(`${other.relay.origin}/graphql`, { ...init, headers: { "content-type": "application/json" } }) : hostile.fetch(input, init);
    };
    const options = { relay: world.relay.origin, unsafeKeyStretching: true, fetch: elsewhere, username: "erin" };
    const code = await codeOf(Account.recover({ ...options, recoveryCode: world.recoveryCodeOf("erin"), newPassword: "new" }));
    expect(["RELAY_CHANGED", "SIGNED_OUT"]).toContain(code);
    expect(hostile.sent()).not.toContain("finishRecovery");
    world.keep(await world.login("erin"));
    await other.close();
  });
});

describe("a relay that lies about a friend's chain", () => {
  test("a swapped or changed grant is refused, told, and healed by the friend's client", async () => {
    const heidi = await world.register("heidi");
    const ivan = await world.register("ivan");
    await heidi.thoughts.write("sealed");
    await world.befriend(heidi, ivan);
    const hostile = createHostileRelay();
    let lies = 1;
    hostile.tamper("grants", (data) => {
      if ((lies -= 1) >= 0) for (const node of at<Nodes>(data, "grants", "nodes")) node.bytes = flip(node.bytes, 400);
    });
    const problems: unknown[] = [];
    const onNotice = (notice: { kind: string; cause?: unknown }): void => {
      if (notice.kind === "problem") problems.push((notice.cause as { code?: unknown }).code);
    };
    const reader = await world.login("ivan", { ...hostile, onNotice });
    expect(problems).toEqual(["bad-sig"]);
    await expect.poll(() => textsOf(reader, "heidi"), { timeout: 10_000 }).toEqual(["sealed"]);
  });

  test("a withheld end is made up for: the relay's refusal itself begins the new epoch", async () => {
    const judy = await world.register("judy");
    const niaj = await world.register("niaj");
    await world.befriend(judy, niaj);
    const feed = niaj.feed();
    await judy.thoughts.write("before");
    expect(await nextTexts(feed, 1)).toEqual(["before"]);
    await judy.friends.end("niaj");
    const written = await niaj.thoughts.write("without Judy");
    expect(written.epoch).toBe(1);
    await judy.thoughts.write("without Niaj");
    const next = nextItem(feed);
    await niaj.close();
    expect(await codeOf(next)).toBeUndefined();
  });
});

describe("a relay that lies about people", () => {
  test("an acceptance that nobody signed brings no grant out of the client", async () => {
    const rupert = await world.register("rupert");
    await world.register("sybil");
    const hostile = createHostileRelay();
    const asker = await world.login("rupert", hostile);
    await asker.friends.request("sybil");
    await asker.close();
    hostile.tamper("viewer", (data) => {
      const nodes = (data["viewer"] as { requests?: { nodes: Answer[] } }).requests?.nodes ?? [];
      for (const node of nodes) Object.assign(node, { state: "ACCEPTED", acceptRecord: node["requestRecord"] });
    });
    const problems: string[] = [];
    const again = await world.login("rupert", { ...hostile, onNotice: (notice) => void (notice.kind === "problem" && problems.push(notice.text)) });
    expect(problems).not.toEqual([]);
    expect(hostile.sent()).not.toContain("ConfirmFriendship");
    expect(again.friends.list()).toEqual([]);
    expect(rupert.friends.list()).toEqual([]);
  });

  test("an acceptance for another card than one's own brings no grant out of the client", async () => {
    const victor = await world.register("victor");
    const walter = await createMember(world.relay);
    const asker = await world.login("victor");
    await asker.friends.request(walter.username);
    await asker.close();
    const hostile = createHostileRelay();
    const foreignCard = { userId: victor.userId, person: { cardHash: generateBytes(32) } } as Author;
    hostile.tamper("viewer", (data) => {
      const nodes = (data["viewer"] as { requests?: { nodes: Answer[] } }).requests?.nodes ?? [];
      for (const node of nodes) {
        const record = walter.hand.acceptRecord(parseBase64url(String(node["id"])), foreignCard);
        Object.assign(node, { state: "ACCEPTED", acceptRecord: encodeBase64url(record) });
      }
    });
    const causes: unknown[] = [];
    const again = await world.login("victor", { ...hostile, onNotice: (notice) => void (notice.kind === "problem" && causes.push(notice.cause)) });
    expect(causes).toEqual([expect.objectContaining({ code: "bad-card" })]);
    expect(hostile.sent()).not.toContain("ConfirmFriendship");
    expect(again.friends.list()).toEqual([]);
  });
});
