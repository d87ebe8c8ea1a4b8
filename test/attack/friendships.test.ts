import { expect } from "vitest";
import type { Account } from "../../src/client/index.ts";
import { createAccept, createUnfriend } from "../../src/crypto/index.ts";
import { hash } from "../../src/crypto/public/hash.ts";
import { sign } from "../../src/crypto/sign.ts";
import { concatBytes, encodeBase64url, parseBase64url, u8 } from "../../src/protocol/index.ts";
import { befriend, codeOf, nextNotice, textsOf } from "../scenario/support.ts";
import { fidOf, type Author } from "../support/author.ts";
import type { Json } from "../support/graphql.ts";
import { openKeptDatabase } from "../support/kept-database.ts";
import { type Member, succeed } from "../support/member.ts";
import { befriendAccomplice, flip, peerOf } from "./harness/accomplice.ts";
import { createStage } from "./harness/attack.ts";
import { idOf, type Scene } from "./harness/scene.ts";

// Whatever the relay replays or invents, no key leaves for somebody who is not in the own vault at that moment.
const attack = createStage();

const THREEMA = "Threema 2023: old protocol runs replayed";

/** Changes what the relay tells about a friendship, wherever a list of them comes along. */
function retell(scene: Scene, isMeant: (friendship: Json) => boolean, change: (friendship: Json) => void): void {
  const each = (nodes: Json[]): void => nodes.filter(isMeant).forEach(change);
  scene.lies.rewrite("Friendships", ({ viewer }) => each(viewer.friends.nodes));
  scene.lies.rewrite("Requests", ({ viewer }) => each(viewer.requests.nodes));
  scene.lies.rewrite("FriendshipById", ({ friendship }) => friendship && each([friendship]));
}

const isWith = (somebody: { userId: Uint8Array }) => ({ requester, accepter }: Json): boolean => [requester.id, accepter.id].includes(idOf(somebody));

/** Alice has asked somebody whose hand the attack holds, and nobody has answered. */
async function asked(scene: Scene): Promise<{ alice: Account; mallory: Member }> {
  const alice = await scene.register("alice");
  const mallory = await scene.accomplice();
  await alice.friends.request(mallory.username);
  return { alice, mallory };
}

const acceptances: [name: string, refusal: string, forge: (scene: Scene, alice: Account, mallory: Member, friendship: Json) => Promise<unknown>][] = [
  ["an acceptance that is the request itself", "bad-type", async (_scene, _alice, _mallory, { requestRecord }) => requestRecord],
  ["an acceptance without a record", "bad-record", async () => null],
  ["an acceptance for another card than one's own", "bad-card", async (scene, alice, mallory, { id }) => {
    const peer = await peerOf(scene, alice, mallory);
    return encodeBase64url(mallory.hand.acceptRecord(parseBase64url(id), peer, { peerCardHash: new Uint8Array(32) }));
  }],
  ["an acceptance that somebody else signed", "bad-card", async (scene, alice, _mallory, { id }) => {
    const eve = await scene.accomplice();
    return encodeBase64url(eve.hand.acceptRecord(parseBase64url(id), await peerOf(scene, alice, eve)));
  }],
  ["an acceptance of another request", "bad-record", async (scene, alice, mallory) =>
    encodeBase64url(mallory.hand.acceptRecord(new Uint8Array(32), await peerOf(scene, alice, mallory)))],
  ["a confirmation in the place of an acceptance", "bad-type", async (scene, alice, mallory, { id }) =>
    encodeBase64url(mallory.hand.confirmRecord(parseBase64url(id), await peerOf(scene, alice, mallory)))],
  ["an acceptance whose signature was changed", "bad-sig", async (scene, alice, mallory, { id }) =>
    flip(encodeBase64url(mallory.hand.acceptRecord(parseBase64url(id), await peerOf(scene, alice, mallory))), -1)],
  ["an acceptance of an unknown version", "unknown-version", async (scene, alice, mallory, { id }) => {
    const record = mallory.hand.acceptRecord(parseBase64url(id), await peerOf(scene, alice, mallory));
    return encodeBase64url(Uint8Array.from(record, (byte, index) => (index === 0 ? 2 : byte)));
  }],
  ["an acceptance in somebody else's name", "bad-author", async (scene, alice, mallory, { id }) =>
    encodeBase64url(mallory.hand.acceptRecord(parseBase64url(id), await peerOf(scene, alice, mallory), { signer: new Uint8Array(32) }))],
  ["an acceptance of somebody else's request", "bad-record", async (scene, alice, mallory, { id }) =>
    encodeBase64url(mallory.hand.acceptRecord(parseBase64url(id), await peerOf(scene, alice, mallory), { peer: new Uint8Array(32) }))],
  ["an acceptance that its signer sent to themselves", "bad-record", async (scene, alice, mallory, { id }) =>
    encodeBase64url(mallory.hand.acceptRecord(parseBase64url(id), await peerOf(scene, alice, mallory), { peer: mallory.userId }))],
  ["an acceptance cut short", "bad-length", async (scene, alice, mallory, { id }) =>
    encodeBase64url(mallory.hand.acceptRecord(parseBase64url(id), await peerOf(scene, alice, mallory)).slice(0, -1))],
];

for (const [name, refusal, forge] of acceptances) {
  attack(name, { refusal }, async (scene) => {
    const { alice, mallory } = await asked(scene);
    let forged: unknown;
    scene.lies.rewrite("Requests", async ({ viewer }) => {
      for (const node of viewer.requests.nodes as Json[]) {
        forged ??= await forge(scene, alice, mallory, node);
        Object.assign(node, { state: "ACCEPTED", acceptRecord: forged });
      }
    });
    const asker = await scene.login(alice);
    await scene.refused(scene.problemOf(asker));
    expect(await scene.nothingSent("ConfirmFriendship", "StoreGrants")).toBe("NOTHING_SENT");
    await scene.honest(async () => {
      expect(asker.friends.list()).toEqual([]);
      const { id } = (await asker.friends.requests()).sent[0] ?? { id: new Uint8Array() };
      const peer = await peerOf(scene, alice, mallory);
      const told = nextNotice(asker, "befriended");
      await succeed(scene.stage.relay, "acceptFriendship", { record: mallory.hand.acceptRecord(id, peer), grant: mallory.hand.grant(peer) }, mallory.token);
      await told;
    });
  });
}

const DAY_MS = 86_400_000;
const TYPE = 1;

/** What a false friend asks with, and the relay passes on. */
const requests: [name: string, refusal: string, forge: (mallory: Member, to: Author) => Uint8Array][] = [
  ["a request with a byte behind it", "bad-length", ({ hand }, to) => concatBytes(hand.requestRecord(to), u8(0))],
  ["a request of another type", "bad-type", (mallory, to) => signRequestAgain(mallory, to, (record) => record.writeUInt8(9, TYPE))],
  ["a request that never ends", "bad-record", ({ hand }, to) => hand.requestRecord(to, { expiresMs: Date.now() + 31 * DAY_MS })],
  ["a request that ends as it begins", "bad-record", ({ hand }, to) => hand.requestRecord(to, { createdMs: Date.now() + DAY_MS, expiresMs: Date.now() + DAY_MS })],
  ["a request that its maker sent to themselves", "bad-record", ({ hand, userId }, to) => hand.requestRecord(to, { to: userId })],
  ["a request by a card that is not one's own", "bad-card", ({ hand }, to) => hand.requestRecord(to, { fromCardHash: new Uint8Array(32) })],
  ["a request that nobody signed", "bad-sig", ({ hand }, to) => parseBase64url(flip(encodeBase64url(hand.requestRecord(to)), -1))],
];

function signRequestAgain({ hand }: Member, to: Author, change: (record: Buffer) => void): Uint8Array {
  const record = Buffer.from(hand.requestRecord(to).subarray(0, 162));
  change(record);
  return concatBytes(record, sign(hand.person.identity.sign.secretKey, "req", record));
}

for (const [name, refusal, forge] of requests) {
  attack(name, { refusal }, async (scene) => {
    const [alice, mallory] = [await scene.register("alice"), await scene.accomplice()];
    const peer = await peerOf(scene, alice, mallory);
    await succeed(scene.stage.relay, "requestFriendship", { record: mallory.hand.requestRecord(peer) }, mallory.token);
    const forged = forge(mallory, peer);
    const victim = await scene.login(alice);
    retell(scene, isWith(mallory), (friendship) => Object.assign(friendship, { id: encodeBase64url(hash("friendship", forged.subarray(0, 162))), requestRecord: encodeBase64url(forged) }));
    await scene.refused(victim.friends.accept(mallory.username));
    expect(await scene.nothingSent("AcceptFriendship")).toBe("NOTHING_SENT");
    await scene.honest(() => victim.friends.accept(mallory.username));
  });
}

attack("the acceptance of a friendship that has ended", { refusal: "NOTHING_SENT", replays: THREEMA }, async (scene) => {
  const [alice, bob] = await scene.friends("alice", "bob");
  const ended = nextNotice(bob, "ended");
  await alice.friends.end(bob.username);
  await ended;
  let before: Json;
  scene.lies.rewrite("Friendships", async ({ viewer }) => {
    before ??= await endedFriendship(scene, alice);
    viewer.friends.nodes.push({ ...before, state: "ACCEPTED" });
  });
  const victim = await scene.login(alice);
  await scene.refused(scene.nothingSent("ConfirmFriendship", "StoreGrants"));
  await scene.honest(async () => {
    expect(victim.friends.list()).toEqual([]);
    await befriend(bob, victim);
  });
});

attack("a friendship of today, ended by the end of an earlier one", { refusal: "bad-record", replays: THREEMA }, async (scene) => {
  const [alice, bob] = await scene.friends("alice", "bob");
  const ended = nextNotice(bob, "ended");
  await alice.friends.end(bob.username);
  await ended;
  const { endRecord } = await endedFriendship(scene, bob);
  await befriend(alice, bob);
  const text = scene.secret("by Alice");
  await alice.thoughts.write(text);
  retell(scene, isWith(alice), (friendship) => Object.assign(friendship, { state: "ENDED", endRecord }));
  await scene.refused(scene.problemOf(await scene.login(bob)));
  await scene.readsHonestly(bob, alice, text);
});

const endings: [name: string, refusal: string, state: string, endRecord: string | null][] = [
  ["a friendship that ends without a record", "bad-record", "ENDED", null],
  ["a friendship that is said to have run out", "bad-record", "EXPIRED", null],
  ["a friendship that is said to have been taken back", "bad-record", "CANCELLED", null],
  ["a friendship that is said to have been declined", "bad-record", "DECLINED", null],
];

for (const [name, refusal, state, endRecord] of endings) {
  attack(name, { refusal }, async (scene) => {
    const [alice, bob] = await scene.friends("alice", "bob");
    const text = scene.secret("by Bob");
    await bob.thoughts.write(text);
    retell(scene, isWith(bob), (friendship) => Object.assign(friendship, { state, endRecord }));
    const victim = await scene.login(alice);
    await scene.refused(scene.problemOf(victim));
    expect(victim.friends.list()).toMatchObject([{ username: bob.username }]);
    expect(await scene.nothingSent("AppendEntries", "EndFriendship", "SaveVault")).toBe("NOTHING_SENT");
    await scene.readsHonestly(alice, bob, text);
  });
}

attack("the end of a friendship that somebody else signed", { refusal: "bad-card" }, async (scene) => {
  const [alice, bob] = await scene.friends("alice", "bob");
  const eve = await scene.accomplice();
  const peer = await peerOf(scene, alice, eve);
  const { signSecretKey } = { signSecretKey: eve.hand.person.identity.sign.secretKey };
  retell(scene, isWith(bob), (friendship) => {
    const fid = parseBase64url(friendship.id);
    const record = createUnfriend({ fid, signer: bob.userId, signerCardHash: eve.hand.person.cardHash, peer: alice.userId, peerCardHash: peer.person.cardHash, signSecretKey });
    Object.assign(friendship, { state: "ENDED", endRecord: encodeBase64url(record) });
  });
  const text = scene.secret("by Bob");
  await bob.thoughts.write(text);
  await scene.refused(scene.problemOf(await scene.login(alice)));
  await scene.readsHonestly(alice, bob, text);
});

attack("an acceptance in the place of an end", { refusal: "bad-type" }, async (scene) => {
  const alice = await scene.register("alice");
  const mallory = await scene.accomplice();
  await befriendAccomplice(scene, alice, mallory);
  retell(scene, isWith(mallory), (friendship) => Object.assign(friendship, { state: "ENDED", endRecord: friendship.acceptRecord }));
  const victim = await scene.login(alice);
  await scene.refused(scene.problemOf(victim));
  await scene.honest(async () => expect(victim.friends.list()).toHaveLength(1));
});

attack("a friendship that only the relay has heard of: a ghost friend", { refusal: "bad-sig", replays: "Matrix 2022: members that only the server added" }, async (scene) => {
  const [alice, bob] = await scene.friends("alice", "bob");
  const ghost = await scene.accomplice();
  const peer = await peerOf(scene, alice, ghost);
  const requestRecord = encodeBase64url(ghost.hand.requestRecord(peer));
  const text = scene.secret("by Alice");
  scene.lies.rewrite("Friendships", async ({ viewer }) => {
    const [known] = viewer.friends.nodes as Json[];
    const id = encodeBase64url(fidOf(parseBase64url(requestRecord)));
    const cards = [{ bytes: encodeBase64url(ghost.hand.person.card.bytes) }];
    const self = known.requester.id === idOf(alice) ? known.requester : known.accepter;
    const record = createAccept({ fid: parseBase64url(id), signer: ghost.userId, signerCardHash: ghost.hand.person.cardHash, peer: alice.userId, peerCardHash: peer.person.cardHash, signSecretKey: ghost.hand.person.identity.sign.secretKey });
    const forged = Uint8Array.from(record, (byte, index) => (index === 1 ? 3 : byte));
    viewer.friends.nodes.push({ ...known, id, state: "CONFIRMED", requester: { id: idOf(ghost), username: ghost.username, cards }, accepter: self, requestRecord, confirmRecord: encodeBase64url(forged) });
  });
  const victim = await scene.login(alice);
  await scene.refused(scene.problemOf(victim));
  expect(victim.friends.list()).toMatchObject([{ username: bob.username }]);
  expect(await scene.nothingSent("StoreGrants", "ConfirmFriendship", "AcceptFriendship")).toBe("NOTHING_SENT");
  await scene.honest(async () => {
    await victim.thoughts.write(text);
    await expect.poll(() => textsOf(bob, alice.username)).toEqual([text]);
  });
});

attack("the request of somebody else in the answer to one's own", { refusal: "bad-card" }, async (scene) => {
  const [alice, bob, mallory] = [await scene.register("alice"), await scene.register("bob"), await scene.register("mallory")];
  await mallory.friends.request(alice.username);
  const victim = await scene.login(alice);
  let crossed: Json;
  scene.lies.rewrite("Requests", ({ viewer }) => void (crossed = viewer.requests.nodes[0]));
  await victim.friends.requests();
  scene.lies.invent("RequestFriendship", () => ({ requestFriendship: { __typename: "RequestCrossed", friendship: crossed } }));
  await scene.refused(victim.friends.request(bob.username));
  expect(await scene.nothingSent("AcceptFriendship")).toBe("NOTHING_SENT");
  await scene.honest(() => victim.friends.request(bob.username));
});

attack("a request that was declined, shown as open again", { refusal: "FRIENDSHIP_STATE", replays: THREEMA }, async (scene) => {
  const [alice, bob] = [await scene.register("alice"), await scene.register("bob")];
  await bob.friends.request(alice.username);
  const open: Json[] = [];
  const victim = await scene.login(alice);
  scene.lies.rewrite("Requests", ({ viewer }) => void open.push(...viewer.requests.nodes));
  await victim.friends.decline(bob.username);
  scene.lies.rewrite("Requests", ({ viewer }) => void (viewer.requests.nodes = open));
  await scene.refused(victim.friends.accept(bob.username));
  await scene.honest(async () => {
    expect(victim.friends.list()).toEqual([]);
    await befriend(victim, bob);
  });
});

attack("a request of an ended friendship, shown as open again", { refusal: "REQUEST_UNKNOWN", replays: THREEMA }, async (scene) => {
  const [alice, bob] = await scene.friends("alice", "bob");
  const ended = nextNotice(bob, "ended");
  await alice.friends.end(bob.username);
  await ended;
  const before = await endedFriendship(scene, bob);
  const victim = await scene.login(bob);
  scene.lies.rewrite("Requests", ({ viewer }) => void (viewer.requests.nodes = [{ ...before, state: "PENDING" }]));
  await scene.refused(victim.friends.accept(alice.username));
  expect(await scene.nothingSent("AcceptFriendship")).toBe("NOTHING_SENT");
  await scene.honest(async () => {
    expect(await codeOf(victim.friends.accept(alice.username))).toBe("REQUEST_UNKNOWN");
    await befriend(alice, victim);
  });
});

/** The newest ended friendship of somebody, with all its records, as the relay keeps it. */
async function endedFriendship({ stage }: Scene, account: Account): Promise<Json> {
  const database = await openKeptDatabase(stage.relay.database);
  const rows = await database.query('SELECT * FROM "Friendship" WHERE $1 IN ("requester", "accepter") AND "endRecord" IS NOT NULL', [Buffer.from(account.userId)]);
  const cards = await database.query('SELECT "userId", "bytes" FROM "Card"');
  const users = await database.query('SELECT "id", "username" FROM "User"');
  await database.close();
  const text = (value: unknown): string | null => (value instanceof Uint8Array ? encodeBase64url(value) : null);
  const userOf = (id: unknown): Json => ({
    id: text(id),
    username: users.find((user) => text(user["id"]) === text(id))?.["username"],
    cards: cards.filter((card) => text(card["userId"]) === text(id)).map((card) => ({ bytes: text(card["bytes"]) })),
  });
  const [row] = rows;
  const records = Object.fromEntries(["requestRecord", "acceptRecord", "confirmRecord", "endRecord"].map((name) => [name, text(row?.[name])]));
  return { id: text(row?.["id"]), requester: userOf(row?.["requester"]), accepter: userOf(row?.["accepter"]), expiresAt: Date.now() + 1e9, changedAt: Date.now(), ...records };
}
