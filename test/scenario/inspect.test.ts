import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Account, InspectedEntry } from "../../src/client/index.ts";
import { codeOf, createWorld, type World } from "./support.ts";

let world: World;
let alice: Account;
let bob: Account;
beforeAll(async () => {
  world = await createWorld();
  [alice, bob] = [await world.register("alice"), await world.register("bob")];
  await alice.thoughts.write("long before");
  await world.befriend(alice, bob);
});
afterAll(() => world.close());

const THOUGHT_CHECKS = ["signature", "chain", "epoch", "payload", "receipt", "key", "seal"];
const heldBy = ({ checks }: InspectedEntry): string[] => checks.filter(({ holds }) => holds).map(({ name }) => name);

describe("one entry, looked at closely", () => {
  test("a friend reads its text, and every check holds", async () => {
    const { id, seq } = await alice.thoughts.write("read me");
    const inspected = await bob.thoughts.inspect("alice", seq);
    expect(inspected).toMatchObject({ id, seq, username: "alice", author: alice.userId, verification: "unverified", epoch: 0, type: "THOUGHT" });
    expect(inspected.content).toEqual({ kind: "text", text: "read me", reply: undefined, edits: undefined });
    expect(heldBy(inspected)).toEqual(THOUGHT_CHECKS);
    expect(await bob.thoughts.inspect(alice.userId, seq)).toEqual(inspected);
  });

  test("also one's own, one from before the friendship, and one that this device has not read so far", async () => {
    const { seq } = await alice.thoughts.write("mine");
    expect(await alice.thoughts.inspect("alice", seq)).toMatchObject({ content: { text: "mine" }, verification: "verified" });
    const elsewhere = await world.login("bob");
    const early = await elsewhere.thoughts.inspect("alice", 2);
    expect(early).toMatchObject({ content: { text: "long before" } });
    expect(heldBy(early)).toEqual(THOUGHT_CHECKS);
  });

  test("an edit names what it replaces, and a withdrawn thought says that it is withdrawn", async () => {
    const thought = await alice.thoughts.write("frist");
    await alice.thoughts.edit(thought.id, "first");
    const edit = await bob.thoughts.inspect("alice", thought.seq + 1);
    expect(edit.content).toEqual({ kind: "text", text: "first", reply: undefined, edits: thought.id });

    await alice.thoughts.withdraw(thought.id);
    const left = await bob.thoughts.inspect("alice", thought.seq + 2);
    expect(left).toMatchObject({ type: "TOMBSTONE", content: { kind: "none" } });
    expect((await bob.thoughts.inspect("alice", thought.seq)).content).toEqual({ kind: "withdrawn" });
  });

  test("the entries that a chain begins with have no text, and checks that hold", async () => {
    for (const [seq, type] of ["CARD", "EPOCH"].entries()) {
      const inspected = await bob.thoughts.inspect("alice", seq);
      expect(inspected).toMatchObject({ type, content: { kind: "none" } });
      expect(heldBy(inspected)).toEqual(["signature", "chain", "epoch", "payload", "receipt"]);
    }
  });

  test("nobody looks at what there is not, or at what a stranger wrote", async () => {
    const carol = await world.register("carol");
    expect(await codeOf(bob.thoughts.inspect("alice", 10_000))).toBe("ENTRY_UNKNOWN");
    expect(await codeOf(carol.thoughts.inspect("alice", 2))).toBe("NOT_FRIENDS");
    expect(await codeOf(carol.thoughts.inspect(alice.userId, 2))).toBe("NOT_FRIENDS");
  });
});
