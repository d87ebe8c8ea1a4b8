import { expect } from "vitest";
import type { Account } from "../../src/client/index.ts";
import { befriend, nextNotice, textsOf } from "../scenario/support.ts";
import type { Json } from "../support/graphql.ts";
import { createStage } from "./harness/attack.ts";
import { idOf, type Scene } from "./harness/scene.ts";

// A relay that refuses to show a chain is right after the end of a friendship, and else withholds it. The own vault tells which.
const attack = createStage();

async function befriendAll(...pairs: [Account, Account][]): Promise<void> {
  for (const [a, b] of pairs) await befriend(a, b);
}

const untilRead = (reader: Account, author: Account, ...texts: string[]): Promise<void> =>
  expect.poll(() => textsOf(reader, author.username), { timeout: 30_000 }).toEqual(texts);

/** Signs somebody in where the relay lies, once its streams have begun. */
async function loginAndListen(scene: Scene, account: Account): Promise<Account> {
  const again = await scene.login(account);
  await nextNotice(again, "connected");
  return again;
}

/** From now on nothing is delivered where the relay lies. What was held back is returned, entries of one author. */
function holdDeliveries({ lies }: Scene): (author: Account) => Json[] {
  const held: Json[] = [];
  lies.redeliver("FriendshipChanged", () => []);
  lies.redeliver("EntryAppended", (data) => {
    held.push(data);
    return [];
  });
  return (author) => held.filter(({ entryAppended }) => entryAppended.entry?.author === idOf(author));
}

for (const [how, refused] of [
  ["", ["Chain"]],
  [", and what became of the friendship with it", ["Chain", "FriendshipById"]],
] as const) {
  attack(`a friend's newest thoughts, refused instead of shown${how}`, { refusal: "withheld" }, async (scene) => {
    const [alice, bob] = await scene.friends("alice", "bob");
    const carol = await scene.register("carol");
    await befriendAll([carol, alice], [carol, bob]);
    const reader = await loginAndListen(scene, alice);
    const isBobs = ({ variables }: Json): boolean => [undefined, idOf(bob)].includes(variables.author);
    for (const operation of refused) scene.lies.refuse(operation, "CHAIN_NOT_READABLE", isBobs);
    scene.lies.redeliver("EntryAppended", ({ entryAppended }) => (entryAppended.entry?.author === idOf(bob) ? [] : undefined));
    const told = nextNotice(reader, "alarm");
    const hidden = await bob.thoughts.write(scene.secret("hidden"));
    await untilRead(carol, bob, hidden.text);
    await carol.thoughts.write(scene.secret("what Carol knows"));
    await scene.refused(told.then(({ code, username }) => (username === bob.username ? code : username)));
    await scene.readsHonestly(alice, bob, hidden.text);
  });
}

// The relay rightly refuses what Bob wrote, because another device of Alice's ended the friendship: of this one device the news
// is still on its way, and its vault knows already.
for (const isAskedAgain of [false, true]) {
  const after = isAskedAgain ? "who was asked again since" : "who is no friend any more";
  attack(`a friend's hidden thoughts, told after those of somebody ${after}`, { refusal: "withheld" }, async (scene) => {
    const [alice, bob] = await scene.friends("alice", "bob");
    const [carol, dave] = await scene.friends("carol", "dave");
    await befriendAll([carol, alice], [carol, bob], [dave, alice]);
    const reader = await loginAndListen(scene, alice);
    const heldOf = holdDeliveries(scene);
    const before = await bob.thoughts.write(scene.secret("before the end"));
    await untilRead(carol, bob, before.text);
    await carol.thoughts.write(scene.secret("what Carol knows of Bob"));
    const hidden = await dave.thoughts.write(scene.secret("hidden"));
    await untilRead(carol, dave, hidden.text);
    await carol.thoughts.write(scene.secret("what Carol knows of Dave"));
    await expect.poll(() => heldOf(carol).length, { timeout: 30_000 }).toBe(2);

    await alice.friends.end(bob.username);
    if (isAskedAgain) await alice.friends.request(bob.username);
    await reader.friends.setHistoryAfterVerification(true);
    expect(reader.friends.list().map(({ username }) => username)).not.toContain(bob.username);
    scene.lies.rewrite("Chain", ({ chain }, { variables }) => {
      if (variables.author === idOf(dave)) chain.nodes = [];
    });
    const told = nextNotice(reader, "alarm");
    for (const data of heldOf(carol)) await scene.stage.hostile.sockets.deliver("EntryAppended", data);
    await scene.refused(told.then(({ code, username }) => (username === dave.username ? code : `${code} of ${username}`)));
    await scene.readsHonestly(alice, dave, hidden.text);
  });
}
