import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cardHashOf, logLeafHashOf, userNameHashOf, verifyCheckpoint, verifyConsistency, verifyInclusion } from "../../src/crypto/public.ts";
import { logOlderCards } from "../../src/domain/key-log/log-older-cards.ts";
import { encodeBase64url, idKey, parseBase64url, type KeyLogLeaf } from "../../src/protocol/index.ts";
import { type Author, createAuthor } from "../support/author.ts";
import { createCardChange } from "../support/card-change.ts";
import { createPerson, register } from "../support/person.ts";
import type { Json } from "../support/graphql.ts";
import { recordStatements, withoutFrames } from "../support/statements.ts";
import { createTestRelay, type TestRelay } from "../support/test-relay.ts";
import { rootOf } from "../vectors/build/log-twin.ts";

let relay: TestRelay;
beforeAll(async () => {
  relay = await createTestRelay({ connections: 16 });
});
afterAll(() => relay.close());

/** Asks as somebody who is not signed in. */
async function ask(selection: string, variables: Record<string, unknown> = {}, declared = ""): Promise<Json> {
  const { data, errors } = await relay.execute(undefined, `query ${declared} { keyLog { ${selection} } }`, variables);
  expect(errors).toBeUndefined();
  return data?.keyLog;
}

async function codeOf(selection: string): Promise<unknown> {
  const { errors } = await relay.execute(undefined, `{ keyLog { ${selection} } }`);
  return (errors?.[0]?.originalError as { code?: unknown } | undefined)?.code;
}

interface Leaf extends KeyLogLeaf {
  index: number;
}

/** All leaves as an auditor reads them. */
async function readLeaves(): Promise<Leaf[]> {
  const answer = await ask("leaves(first: 1000) { index nameHash userId cardHash }");
  return (answer?.leaves ?? []).map((leaf: Json) => ({
    index: leaf.index, nameHash: parseBase64url(leaf.nameHash), userId: parseBase64url(leaf.userId), cardHash: parseBase64url(leaf.cardHash),
  }));
}

/** The verified checkpoint, whose root is that of all leaves, which have no gap. */
async function expectWhole() {
  const leaves = await readLeaves();
  const { checkpoint: bytes, size } = await ask("checkpoint size");
  const checkpoint = verifyCheckpoint(relay.services.relay.receiptKey, parseBase64url(bytes));
  expect([size, checkpoint.size]).toEqual([leaves.length, leaves.length]);
  expect(leaves.map(({ index }) => index)).toEqual(leaves.map((_, index) => index));
  expect(checkpoint.root).toStrictEqual(rootOf(leaves.map(logLeafHashOf)));
  const cards = await relay.sql(`SELECT "hash" FROM "Card"`);
  expect(leaves.map(({ cardHash }) => idKey(cardHash)).sort()).toEqual(cards.map(({ hash }) => idKey(hash as Uint8Array)).sort());
  return { leaves, checkpoint };
}

const leafOf = ({ person: { username, userId, cardHash } }: Author): KeyLogLeaf => ({ nameHash: userNameHashOf(username), userId, cardHash });

test("an empty log has no checkpoint", async () => {
  const empty = await createTestRelay();
  const { data } = await empty.execute(undefined, "{ keyLog { checkpoint } }");
  expect(data).toEqual({ keyLog: null });
  await empty.close();
});

describe("a card enters the log in the transaction that stores it", () => {
  test("at registration, by name, user and card", async () => {
    const alice = await createAuthor(relay);
    const { leaves, checkpoint } = await expectWhole();
    expect(leaves.at(-1)).toMatchObject(leafOf(alice));
    expect(checkpoint.relayMs).toBe(relay.clock.ms);
  });

  test("and not at a registration that is refused", async () => {
    const before = await readLeaves();
    const { username } = await register(relay);
    await expect(register(relay, createPerson({ username }))).rejects.toMatchObject({ code: "USERNAME_TAKEN" });
    expect((await readLeaves()).length).toBe(before.length + 1);
    await expectWhole();
  });

  test("at a change of card, once, however often the mutation comes", async () => {
    const bob = await createAuthor(relay);
    const first = leafOf(bob);
    const { input, adopt } = await createCardChange(relay, bob);
    await relay.services.cards.replace(bob.viewer, input);
    await relay.services.cards.replace(bob.viewer, input);
    adopt();
    const { leaves } = await expectWhole();
    expect(leaves.slice(-2)).toMatchObject([first, leafOf(bob)]);
    expect(leafOf(bob).cardHash).toStrictEqual(cardHashOf(bob.person.card));
    const own = await ask("leavesOf(names: $names) { cardHash }", { names: [encodeBase64url(first.nameHash)] }, "($names: [Hash!]!)");
    expect(own.leavesOf).toEqual([first, leafOf(bob)].map(({ cardHash }) => ({ cardHash: encodeBase64url(cardHash) })));
  });

  test("of many who register at once, without a gap and with one root", async () => {
    const before = await readLeaves();
    const people = await Promise.all(Array.from({ length: 14 }, () => register(relay)));
    const { leaves } = await expectWhole();
    expect(leaves.length).toBe(before.length + people.length);
    expect(leaves.slice(0, before.length)).toEqual(before);
  });
});

describe("what the relay proves, readers accept", () => {
  test("every leaf, and every size that the log has had", async () => {
    const { leaves, checkpoint } = await expectWhole();
    const sizes = leaves.map((_, index) => index + 1);
    const variables = { leaves: leaves.map((leaf) => encodeBase64url(logLeafHashOf(leaf))), from: sizes };
    const { inclusion, consistency } = await ask("inclusion(leaves: $leaves) { index path } consistency(from: $from) { from path }", variables, "($leaves: [Hash!]!, $from: [Sequence!]!)");
    const hashes = (path: string[]): Uint8Array[] => path.map(parseBase64url);
    leaves.forEach((leaf, index) => verifyInclusion(checkpoint, leaf, { index: inclusion[index].index, path: hashes(inclusion[index].path) }));
    for (const [index, size] of sizes.entries()) {
      expect(consistency[index].from).toBe(size);
      const older = { size, root: rootOf(leaves.slice(0, size).map(logLeafHashOf)) };
      verifyConsistency(older, checkpoint, size === checkpoint.size ? [] : hashes(consistency[index].path));
    }
  });

  test("what is no leaf has no proof, and a size that is still to come has no path", async () => {
    const { checkpoint } = await expectWhole();
    const foreign = encodeBase64url(new Uint8Array(32).fill(7));
    expect(await ask(`inclusion(leaves: ["${foreign}"]) { index } consistency(from: [${checkpoint.size + 1}]) { path }`)).toEqual({ inclusion: [null], consistency: [{ path: [] }] });
  });

  test("two proofs take as many statements as many do", async () => {
    const { leaves } = await expectWhole();
    const count = async (many: KeyLogLeaf[]): Promise<number> => {
      const variables = { leaves: many.map((leaf) => encodeBase64url(logLeafHashOf(leaf))), from: many.map((_, index) => index + 1) };
      const sent = await recordStatements(() => ask("inclusion(leaves: $leaves) { path } consistency(from: $from) { path }", variables, "($leaves: [Hash!]!, $from: [Sequence!]!)"));
      return withoutFrames(sent).length;
    };
    expect(await count(leaves)).toBe(await count(leaves.slice(0, 2)));
    expect(await count(leaves)).toBe(4);
  });
});

describe("too much at a time is refused", () => {
  const hash = `"${encodeBase64url(new Uint8Array(32))}"`;
  const list = (element: unknown, length: number): string => `[${Array(length).fill(element).join(", ")}]`;
  test.each([
    ["201 leaves", `inclusion(leaves: ${list(hash, 201)}) { index }`],
    ["201 sizes", `consistency(from: ${list(1, 201)}) { from }`],
    ["21 names", `leavesOf(names: ${list(hash, 21)}) { index }`],
    ["the empty log", "consistency(from: [0]) { from }"],
    ["1001 leaves", "leaves(first: 1001) { index }"],
  ])("%s", async (_, selection) => {
    expect(await codeOf(selection)).toBe("BAD_INPUT");
  });
});

describe("cards that are older than the log", () => {
  test("enter it once, in order of registration, whoever starts at the same time", async () => {
    const { leaves } = await expectWhole();
    await relay.sql(`DELETE FROM "KeyLogNode"`);
    await relay.sql(`DELETE FROM "KeyLogLeaf"`);
    await relay.sql(`UPDATE "KeyLog" SET "size" = 0, "frontier" = ''`);
    const older = await relay.sql(`SELECT "cardHash" FROM (SELECT card."hash" AS "cardHash", owner."createdAtMs", card."userId", card."version" FROM "Card" card JOIN "User" owner ON owner."id" = card."userId") cards ORDER BY "createdAtMs", "userId", "version"`);
    const counts = await Promise.all([logOlderCards(relay.unitOfWork), logOlderCards(relay.unitOfWork)]);
    expect(counts.sort((a, b) => a - b)).toEqual([0, leaves.length]);
    const { leaves: logged } = await expectWhole();
    expect(logged.map(({ cardHash }) => idKey(cardHash))).toEqual(older.map(({ cardHash }) => idKey(cardHash as Uint8Array)));
    expect(await logOlderCards(relay.unitOfWork)).toBe(0);
    await createAuthor(relay);
    await expectWhole();
  });
});
