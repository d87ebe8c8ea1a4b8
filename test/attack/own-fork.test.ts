import { expect } from "vitest";
import { Account } from "../../src/client/index.ts";
import { parseBase64url, parseEntry } from "../../src/protocol/index.ts";
import { befriend, nextNotice, textsOf } from "../scenario/support.ts";
import type { Json } from "../support/graphql.ts";
import { entryNode } from "./harness/accomplice.ts";
import { createStage } from "./harness/attack.ts";
import { idOf, type Scene } from "./harness/scene.ts";

// One person's devices, which a relay shows different chains of their own.
const attack = createStage();

/** From now on the relay shows nothing of this author's chain behind a place. */
function freeze({ lies }: Scene, author: { userId: Uint8Array }, seq: number): void {
  const isHidden = (entry: Json): boolean => entry?.author === idOf(author) && entry.seq > seq;
  lies.rewrite("Chain", ({ chain }) => void (chain.nodes = chain.nodes.filter((node: Json) => !isHidden(node))));
  lies.redeliver("EntryAppended", ({ entryAppended }) => (isHidden(entryAppended.entry) ? [] : undefined));
}

attack("the end of the own chain, hidden from a device whose vault has seen it", { refusal: "OWN_CHAIN_MISMATCH: bad-seq" }, async (scene) => {
  const alice = await scene.register("alice");
  const texts = [scene.secret("shown"), scene.secret("hidden")];
  const [shown] = [await alice.thoughts.write(texts[0]!), await alice.thoughts.write(texts[1]!)];
  // Closing saves what was read.
  await alice.close();
  freeze(scene, alice, shown.seq);
  await scene.refused(scene.login(alice));
  await scene.honest(async () => expect(await textsOf(await scene.login(alice))).toEqual(texts.reverse()));
});

attack("a fork of the whole own chain: one device and one friend in a world of their own", { refusal: "OWN_CHAIN_WITHHELD" }, async (scene) => {
  const [alice, bob] = await scene.friends("alice", "bob");
  const [first, reader] = [await scene.login(alice), await scene.login(bob)];
  await nextNotice(reader, "connected");
  const taken = takeForOneself(scene, alice);
  const text = scene.secret("in that world");
  await first.thoughts.write(text);
  await scene.stage.hostile.sockets.deliver("EntryAppended", { entryAppended: { __typename: "EntryAppended", entry: taken[0] } });
  await expect.poll(() => textsOf(reader, alice.username)).toEqual([text]);
  scene.lies.reform();
  // What he writes tells her other device how far he has read her.
  await reader.thoughts.write(scene.secret("what Bob knows"));
  await scene.refused(scene.loginHonestly(alice));
  await scene.honest(async () => {
    const { username } = alice;
    const despite = await Account.login({ relay: scene.stage.honest.origin, unsafeKeyStretching: true, username, password: scene.passwordOf(alice), overruled: [bob.username] });
    expect(await textsOf(despite)).toEqual([]);
    await despite.close();
  });
});

/** From now on the relay says that it stored a thought, and stores nothing. Answers what it took. */
function takeForOneself(scene: Scene, author: Account): Json[] {
  const taken: Json[] = [];
  scene.lies.invent("CreateThought", ({ variables }) => {
    const bytes = parseBase64url(variables.input.entry);
    const node = entryNode(scene, author.userId, { bytes, seq: parseEntry(bytes).seq });
    taken.push(node);
    return { createThought: { __typename: "ThoughtCreated", receipt: node.receipt } };
  });
  return taken;
}

attack("a rotation hidden from the second device, whose next thought an ex-friend could read", { refusal: "fork" }, async (scene) => {
  const [alice, bob] = await scene.friends("alice", "bob");
  const carol = await scene.register("carol");
  await befriend(carol, alice);
  const before = await alice.thoughts.write(scene.secret("for both"));
  // The second device has signed in, and hears nothing more.
  let old: Json;
  scene.lies.rewrite("Vault", ({ vault }) => void (old = structuredClone(vault)));
  const second = await scene.login(alice);
  freeze(scene, alice, before.seq);
  scene.lies.rewrite("Vault", () => ({ vault: old }));
  scene.lies.redeliver("FriendshipChanged", () => []);
  const ended = nextNotice(bob, "ended");
  await alice.friends.end(bob.username);
  await ended;
  const text = scene.secret("for Carol alone");
  await alice.thoughts.write(text);
  await expect.poll(() => textsOf(carol, alice.username)).toContain(text);

  const taken = takeForOneself(scene, alice);
  await second.thoughts.write(scene.secret("in the old epoch"));
  scene.lies.reform();
  const reader = await scene.login(carol);
  await nextNotice(reader, "connected");
  const alarm = nextNotice(reader, "alarm");
  await scene.stage.hostile.sockets.deliver("EntryAppended", { entryAppended: { __typename: "EntryAppended", entry: taken[0] } });
  await scene.refused(alarm.then(({ code }) => code));
  await scene.honest(async () => expect((await textsOf(await scene.loginHonestly(carol), alice.username))[0]).toBe(text));
});
