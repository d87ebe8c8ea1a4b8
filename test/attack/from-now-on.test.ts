import { expect } from "vitest";
import type { Account } from "../../src/client/index.ts";
import { equalBytes, GrantKind, parseBase64url, parseGrant } from "../../src/protocol/index.ts";
import { befriend, codeOf, nextNotice, textsOf } from "../scenario/support.ts";
import type { Json } from "../support/graphql.ts";
import { createStage } from "./harness/attack.ts";
import { idOf, type Scene } from "./harness/scene.ts";

// A relay on the side of a friend who reads from now on: whatever it was sent, it can pass on.
const attack = createStage();

const GRANT_TEXT = /"[A-Za-z0-9_-]{2006}"/g;

/** Every grant to this person among all that clients sent where the relay lies. */
function grantsTo(scene: Scene, { userId }: Account): string[] {
  const candidates = JSON.stringify(scene.asked()).match(GRANT_TEXT) ?? [];
  const grants = candidates.map((text) => parseGrant(parseBase64url(text.slice(1, -1))));
  const kinds = grants.filter(({ recipient }) => equalBytes(recipient, userId)).map(({ kind, n }) => `kind ${kind} of epoch ${n}`);
  return [...new Set(kinds)];
}

/** From now on the relay says that this person lacks a grant. */
function nameAsMissing({ lies }: Scene, reader: Account): void {
  lies.invent("MissingGrants", () => ({ missingGrants: [{ asked: true, recipient: { __typename: "User", id: idOf(reader) } }] }));
}

const onlyThese = (found: string[], ...expected: string[]): Promise<string> =>
  Promise.resolve(JSON.stringify(found) === JSON.stringify(expected) ? "NOTHING_EARLIER" : found.join(", "));

attack("a client stopped wherever it befriends, and a friend from now on named as lacking a grant", { refusal: "NOTHING_EARLIER" }, async (scene) => {
  const [alice, bob] = [await scene.register("alice"), await scene.register("bob")];
  const first = await scene.login(alice);
  await first.thoughts.write(scene.secret("before Bob"));
  await bob.friends.request(alice.username);
  nameAsMissing(scene, bob);
  // No answer to the new epoch: nobody is a friend before it is known to be in force.
  scene.lies.rewrite("AppendEntries", (data) => void (data.appendEntries = null));
  await expect(first.friends.accept(bob.username, { history: false })).rejects.toThrow();
  await first.close();
  const second = await scene.login(alice);
  await scene.refused(onlyThese(grantsTo(scene, bob)));

  scene.lies.reform();
  nameAsMissing(scene, bob);
  scene.lies.rewrite("AcceptFriendship", (data) => void (data.acceptFriendship = null));
  await expect(second.friends.accept(bob.username, { history: false })).rejects.toThrow();
  await second.close();
  const third = await scene.login(alice);
  await scene.honest(async () => {
    await codeOf(third.friends.accept(bob.username, { history: false }));
    const text = scene.secret("hello Bob");
    await third.thoughts.write(text);
    await expect.poll(() => textsOf(bob, alice.username)).toEqual([text]);
  });
  await scene.refused(onlyThese(grantsTo(scene, bob), `kind ${GrantKind.EPOCH_ONLY} of epoch 2`));
});

attack("somebody who is to be verified first, named as lacking a grant", { refusal: "NOTHING_EARLIER" }, async (scene) => {
  const [carol, dave] = [await scene.register("carol"), await scene.register("dave")];
  const first = await scene.login(carol);
  await first.friends.setHistoryAfterVerification(true);
  const told = nextNotice(dave, "befriended");
  await dave.friends.request(carol.username);
  await first.friends.accept(dave.username);
  await told;
  await first.close();
  nameAsMissing(scene, dave);
  const again = await scene.login(carol);
  await scene.refused(onlyThese(grantsTo(scene, dave), "kind 2 of epoch 1"));
  await scene.honest(async () => {
    await again.friends.markVerified(dave.username);
    expect(grantsTo(scene, dave)).toEqual(["kind 2 of epoch 1", "kind 1 of epoch 1"]);
  });
});

attack("a withheld grant, passed off as from before one's time", { refusal: "withheld" }, async (scene) => {
  const [erin, frank, passer] = [await scene.register("erin"), await scene.register("frank"), await scene.register("passer")];
  const told = Promise.all([erin, frank].map((account) => nextNotice(account, "befriended")));
  await frank.friends.request(erin.username);
  await erin.friends.accept(frank.username, { history: false });
  await told;
  const [early, late] = [scene.secret("in the first epoch of Frank"), scene.secret("in the second")];
  await erin.thoughts.write(early);
  await befriend(passer, erin);
  await erin.friends.end(passer.username);
  await erin.thoughts.write(late);
  await expect.poll(() => textsOf(frank, erin.username)).toHaveLength(2);
  await frank.close();

  scene.lies.rewrite("Grants", ({ grants }) => {
    grants.nodes = grants.nodes.filter(({ bytes }: Json) => parseGrant(parseBase64url(bytes)).n !== 1);
  });
  const cheated = await scene.login(frank);
  expect(await textsOf(cheated, erin.username)).toEqual([late]);
  await scene.refused(Promise.resolve(cheated.thoughts.horizon(erin.username)));
  await scene.honest(async () => {
    const again = await scene.login(frank);
    expect(await textsOf(again, erin.username)).toEqual([late, early]);
    expect(again.thoughts.horizon(erin.username)).toBe("before-your-time");
  });
});
