import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Account, Notice } from "../../src/client/index.ts";
import { logLeafHashOf, userNameHashOf, verifySplitProof } from "../../src/crypto/index.ts";
import { createCheckpoint, deriveReceiptKey } from "../../src/crypto/relay/index.ts";
import { appendToKeyLog } from "../../src/domain/key-log/append-to-key-log.ts";
import { encodeBase64url, idKey, parseBase64url, type KeyLogLeaf } from "../../src/protocol/index.ts";
import { createPrismaClient } from "../../src/storage/prisma-client.ts";
import { createUnitOfWork } from "../../src/storage/unit-of-work.ts";
import { codeOf, nextNotice, nextTexts, textsOf } from "../scenario/support.ts";
import { ask } from "../support/graphql.ts";
import { createPerson } from "../support/person.ts";
import { consistencyPath, inclusionPath, rootOf } from "../vectors/build/log-twin.ts";
import { at, createHostileRelay, createWorld, flip, type Answer, type HostileRelay, type World } from "./support.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

type Proof = { index: number; path: string[] };

/** The relay's own key: this relay can sign whatever it likes. */
function relayKey() {
  const { receiptSeed } = JSON.parse(readFileSync(join(world.relay.config.dataFolder, "relay.keys"), "utf8")) as { receiptSeed: string };
  return deriveReceiptKey(parseBase64url(receiptSeed));
}

async function honestLeaves(): Promise<KeyLogLeaf[]> {
  const { data } = await ask(world.relay, { query: "{ keyLog { leaves(first: 1000) { nameHash userId cardHash } } }" });
  return data.keyLog.leaves.map((leaf: Record<keyof KeyLogLeaf, string>) => ({ nameHash: parseBase64url(leaf.nameHash), userId: parseBase64url(leaf.userId), cardHash: parseBase64url(leaf.cardHash) }));
}

function madeUpLeaf(username: string): KeyLogLeaf {
  const { userId, cardHash } = createPerson();
  return { nameHash: userNameHashOf(username), userId, cardHash };
}

/** A fetch whose answers about the key log come from a log that the relay keeps for this client alone, signed and whole. */
function showing(leavesNow: () => KeyLogLeaf[], honest: typeof fetch = fetch): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const body = await request.clone().text();
    if (!body.includes("query KeyLog(")) return honest(request);
    const { variables } = JSON.parse(body) as { variables: { from: number[]; leaves: string[]; names: string[] } };
    const keyLog = answerFrom(leavesNow(), variables);
    return new Response(JSON.stringify({ data: { keyLog } }), { headers: { "content-type": "application/json" } });
  };
}

function answerFrom(leaves: KeyLogLeaf[], { from, leaves: asked, names }: { from: number[]; leaves: string[]; names: string[] }) {
  const hashes = leaves.map(logLeafHashOf);
  const texts = (path: Uint8Array[]): string[] => path.map(encodeBase64url);
  return {
    checkpoint: encodeBase64url(createCheckpoint(relayKey(), { size: leaves.length, root: rootOf(hashes), relayMs: Date.now() })),
    consistency: from.map((size) => ({ from: size, path: size > leaves.length ? [] : texts(consistencyPath(size, hashes)) })),
    inclusion: asked.map((text) => {
      const index = hashes.findIndex((hash) => idKey(hash) === text);
      return index < 0 ? null : { index, path: texts(inclusionPath(index, hashes)) };
    }),
    leavesOf: leaves.filter(({ nameHash }) => names.includes(idKey(nameHash))).map(({ nameHash, userId, cardHash }) => ({ nameHash: idKey(nameHash), userId: idKey(userId), cardHash: idKey(cardHash) })),
  };
}

/** Answers about the key log pass through a hand that changes them. */
function tampering(change: (keyLog: Answer) => void): HostileRelay {
  const hostile = createHostileRelay();
  hostile.tamper("keyLog", (data) => change(at(data, "keyLog")));
  return hostile;
}

interface Watched {
  account: Account;
  alarms: Extract<Notice, { kind: "keyLogAlarm" }>[];
}

/** Signs in and writes down what the client says about the key log. */
async function signIn(username: string, options: { fetch: typeof fetch }): Promise<Watched> {
  const alarms: Watched["alarms"] = [];
  const onNotice = (notice: Notice): void => void (notice.kind === "keyLogAlarm" && alarms.push(notice));
  return { account: await world.login(username, { ...options, onNotice }), alarms };
}

describe("another card under a name", () => {
  test("that is in no log is never asked nor sealed to, and the honest one still is", async () => {
    const alice = await world.register("alice");
    await world.register("bob");
    const mallory = await world.register("mallory");
    const hostile = createHostileRelay();
    const bob = await world.login("bob", hostile);
    const { data } = await ask(world.relay, { query: "query ($name: Username!) { userByName(username: $name) { id username cards { bytes } } }", variables: { name: mallory.username }, token: await bob.accessToken() });
    hostile.tamper("userByName", (answer) => (answer["userByName"] = { ...data.userByName, username: "alice" }));
    expect(await codeOf(bob.friends.request("alice"))).toBe("CARD_NOT_LOGGED");
    // With a proof that is of another leaf.
    hostile.tamper("keyLog", (answer) => (at(answer, "keyLog")["inclusion"] = [{ index: 0, path: [] }]));
    expect(await codeOf(bob.friends.request("alice"))).toBe("CARD_NOT_LOGGED");
    expect(hostile.sent()).not.toContain("requestFriendship");
    hostile.reform();
    await bob.friends.request("alice");
    expect((await alice.friends.requests()).received).toMatchObject([{ username: "bob" }]);
  });

  test("that entered the log is a hard stop for whose name it is", async () => {
    await world.register("carol");
    const { userId, cardHash } = createPerson();
    const prisma = createPrismaClient(world.relay.database.connection);
    await createUnitOfWork(prisma).run(({ keyLog }) => appendToKeyLog(keyLog, [{ username: "carol", userId, cardHash }]));
    await prisma.$disconnect();
    expect(await codeOf(world.login("carol"))).toBe("OWN_CARD_MISMATCH");
  });

  test("kept from whose name it is by leaving out the own card as well is a hard stop too", async () => {
    await world.register("dave");
    expect(await codeOf(world.login("dave", tampering((keyLog) => (keyLog["leavesOf"] = []))))).toBe("OWN_CARD_MISMATCH");
    expect(await codeOf(world.login("dave", tampering((keyLog) => (keyLog["inclusion"] = [null]))))).toBe("OWN_CARD_MISMATCH");
    await world.login("dave");
  });
});

describe("a split view", () => {
  test("is found by two friends through a thought, with a proof that convicts the relay; they go on reading each other", async () => {
    const erin = await world.register("erin");
    await (await world.register("frank")).close();
    const together = await honestLeaves();
    // From here on Frank is shown a log of his own, which continues all that he has seen.
    const only = [madeUpLeaf("grace"), madeUpLeaf("heidi"), madeUpLeaf("ivan")];
    let shown = together;
    const { account: frank, alarms } = await signIn("frank", { fetch: showing(() => shown) });
    await world.befriend(frank, erin);
    await world.register("grace");
    shown = [...together, ...only];
    expect(await codeOf(frank.friends.request("grace"))).toBe("CARD_NOT_LOGGED");
    expect(alarms).toEqual([]);

    await erin.friends.request("grace");
    const feed = frank.feed();
    const alarm = nextNotice(frank, "keyLogAlarm");
    await erin.thoughts.write("what I see");
    expect(await nextTexts(feed, 1)).toEqual(["what I see"]);
    const { code, proof } = await alarm;
    expect(code).toBe("split-view");
    const convicted = verifySplitProof(relayKey().publicKey, proof ?? new Uint8Array());
    expect([convicted.older.size, convicted.newer.size]).toEqual([together.length + 1, shown.length]);

    expect(await codeOf(frank.friends.request("bob"))).toBe("KEY_LOG_BROKEN");
    await erin.thoughts.write("and still");
    expect(await nextTexts(feed, 1)).toEqual(["and still"]);
    await frank.thoughts.write("me too");
    await expect.poll(() => textsOf(erin, "frank"), { timeout: 20_000 }).toEqual(["me too"]);
    expect(alarms.length).toBe(1);
  });
});

describe("a log that is not the one that was pinned", () => {
  async function pinned(username: string): Promise<KeyLogLeaf[]> {
    await (await world.register(username)).close();
    return honestLeaves();
  }

  test("rolled back: an alarm at sign-in, and no new card is used", async () => {
    const leaves = await pinned("judy");
    const { account, alarms } = await signIn("judy", { fetch: showing(() => leaves.slice(0, -1)) });
    expect(alarms).toMatchObject([{ code: "rolled-back", proof: undefined }]);
    expect(await codeOf(account.friends.request("alice"))).toBe("KEY_LOG_BROKEN");
    await account.thoughts.write("still mine");
    await account.close();
    const honest = await signIn("judy", { fetch });
    expect(honest.alarms).toEqual([]);
    await honest.account.friends.request("alice");
  });

  test("rewritten at the same size: convicted at sign-in", async () => {
    const leaves = await pinned("mike");
    const { alarms } = await signIn("mike", { fetch: showing(() => [madeUpLeaf("nobody"), ...leaves.slice(1)]) });
    expect(alarms.map(({ code }) => code)).toEqual(["split-view"]);
    verifySplitProof(relayKey().publicKey, alarms[0]?.proof ?? new Uint8Array());
  });

  test.each<[string, string, (keyLog: Answer) => void]>([
    ["a path that leads nowhere", "bad-proof", (keyLog) => (keyLog["consistency"] = [])],
    ["a changed path", "bad-proof", (keyLog) => at<Proof[]>(keyLog, "consistency").forEach((proof) => (proof.path = proof.path.map((hash) => flip(hash, 0))))],
    ["a checkpoint that nobody signed", "bad-sig", (keyLog) => (keyLog["checkpoint"] = flip(at<string>(keyLog, "checkpoint"), -1))],
    ["another relay's checkpoint", "bad-checkpoint", (keyLog) => (keyLog["checkpoint"] = flip(at<string>(keyLog, "checkpoint"), 2))],
    ["no checkpoint", "bad-length", (keyLog) => (keyLog["checkpoint"] = "")],
  ])("%s: an alarm, %s, that convicts nobody", async (what, code, change) => {
    const username = `niaj_${what.length}`;
    await pinned(username);
    // The log has grown since, so that a path is due.
    await world.register(`after_${what.length}`);
    const hostile = tampering(change);
    const { account, alarms } = await signIn(username, hostile);
    expect(alarms).toMatchObject([{ code, proof: undefined }]);
    expect(await codeOf(account.friends.request("alice"))).toBe("KEY_LOG_BROKEN");
    expect(hostile.sent()).not.toContain("requestFriendship");
  });

  test("none at all: an alarm", async () => {
    await pinned("oscar");
    const hostile = createHostileRelay();
    hostile.tamper("keyLog", (data) => (data["keyLog"] = null));
    expect((await signIn("oscar", hostile)).alarms).toMatchObject([{ code: "rolled-back" }]);
  });
});

test("at sign-in the log is asked as often with five friends as with one", async () => {
  const peggy = await world.register("peggy");
  const questions = async (): Promise<number> => {
    const hostile = createHostileRelay();
    await (await world.login("peggy", hostile)).close();
    return hostile.sent().split("query KeyLog(").length - 1;
  };
  await world.befriend(peggy, await world.register("friend_1"));
  const withOne = await questions();
  for (let index = 2; index <= 5; index += 1) await world.befriend(peggy, await world.register(`friend_${index}`));
  expect([withOne, await questions()]).toEqual([2, 2]);
});
