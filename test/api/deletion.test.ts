import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { generateBytes, startLogin } from "../../src/crypto/index.ts";
import type { ErrorCode } from "../../src/domain/domain-error.ts";
import type { DeletionInput } from "../../src/domain/users/deletion-service.ts";
import { parseBase64url } from "../../src/protocol/index.ts";
import { type Author, befriend, createAuthor } from "../support/author.ts";
import { createCardChange } from "../support/card-change.ts";
import { createPerson, logIn, proveLogin, register } from "../support/person.ts";
import { expectRefused, expectRefusedUnchanged } from "../support/refusals.ts";
import { createTestRelay, type TestRelay } from "../support/test-relay.ts";

let relay: TestRelay;
let alice: Author;
let bob: Author;
let carol: Author;
beforeAll(async () => {
  relay = await createTestRelay();
});
afterAll(() => relay.close());
beforeEach(async () => {
  [alice, bob, carol] = await Promise.all([createAuthor(relay), createAuthor(relay), createAuthor(relay)]);
});

const remove = (author: Author, input: DeletionInput) => relay.services.deletion.delete(author.viewer, input);
const lawful = async (author: Author, records: Uint8Array[]): Promise<DeletionInput> => ({ ...(await proveLogin(relay, author.person)), records });
const hex = (bytes: Uint8Array): string => `'\\x${Buffer.from(bytes).toString("hex")}'`;

/** How many rows of each table are still about this user. */
async function rowsAbout({ userId }: Author): Promise<Record<string, number>> {
  const columns: [table: string, column: string][] = [
    ["Session", "userId"], ["LoginAttempt", "userId"], ["Vault", "userId"], ["VaultItem", "userId"], ["Chain", "author"], ["Entry", "author"], ["Grant", "author"],
    ["Grant", "recipient"], ["Edge", "reader"], ["Edge", "author"], ["FriendshipEvent", "userId"], ["User", "id"], ["Card", "userId"], ["KeyLogLeaf", "userId"],
  ];
  const counted = await Promise.all(columns.map(async ([table, column]) => [`${table}.${column}`, Number((await relay.sql(`SELECT count(*) FROM "${table}" WHERE "${column}" = ${hex(userId)}`))[0]?.["count"])] as const));
  return Object.fromEntries(counted.filter(([, count]) => count > 0));
}

describe("deleting an account", () => {
  test("leaves what others hold on to, and nothing else", async () => {
    const [withBob, withCarol] = [await befriend(alice, bob), (await alice.request(carol)).id];
    await carol.accept(withCarol, alice);
    await alice.write("a thought");
    await relay.services.users.setEmail(alice.viewer, generateBytes(32));
    const { tokens } = await logIn(relay, alice.person);
    const begun = await proveLogin(relay, alice.person);
    const published = relay.events.length;

    const deleted = await remove(alice, await lawful(alice, [alice.unfriendRecord(withBob, bob), alice.unfriendRecord(withCarol, carol)]));
    expect(deleted).toEqual({ deletedAtMs: relay.clock.ms, friendshipsEnded: 2 });
    expect(await rowsAbout(alice)).toEqual({ "User.id": 1, "Card.userId": 1, "KeyLogLeaf.userId": 1 });
    const [row] = await relay.sql(`SELECT * FROM "User" WHERE id = ${hex(alice.userId)}`);
    expect(row).toMatchObject({ username: alice.person.username, emailHash: null, registrationRecord: "", deletedAtMs: BigInt(relay.clock.ms) });
    for (const column of ["passwordWrap", "recoveryWrap", "recoveryVerifier"]) expect(Buffer.from(row?.[column] as Uint8Array)).toHaveLength(0);

    expect(await relay.services.sessions.authenticate(tokens.accessToken)).toBeUndefined();
    await expectRefused(relay.services.login.finish({ ...begun, deviceName: "late" }), "LOGIN_EXPIRED");
    expect(relay.events.slice(published).map(({ kind }) => kind)).toEqual(["edges", "edges", "friendship", "friendship", "sessionsEnded"]);
  });

  test("lets friends go: they see it signed, read nothing more, and owe a new epoch", async () => {
    const fid = await befriend(alice, bob);
    const record = alice.unfriendRecord(fid, bob);
    await remove(alice, await lawful(alice, [record]));
    expect(await relay.services.friendships.find(bob.viewer, fid)).toMatchObject({ state: "ENDED", endRecord: record });
    await expectRefused(relay.services.chains.read(bob.viewer, { author: alice.userId, after: undefined, before: undefined, types: undefined, newestFirst: false, first: 5 }), "CHAIN_NOT_READABLE");
    await expectRefused(relay.services.thoughts.create(bob.viewer, bob.thought("next").bytes), "EPOCH_STALE");
    await bob.rotate();
    await bob.write("next");
  });

  test("closes requests on both sides without a signature", async () => {
    const [asked, received] = [await alice.request(bob), await carol.request(alice)];
    await remove(alice, await lawful(alice, []));
    expect((await relay.services.friendships.find(bob.viewer, asked.id))?.state).toBe("EXPIRED");
    expect((await relay.services.friendships.find(carol.viewer, received.id))?.state).toBe("EXPIRED");
    await expectRefused(bob.accept(asked.id, alice), "REQUEST_EXPIRED");
    expect((await relay.services.friendships.listRequests(bob.viewer, { direction: undefined, before: undefined, first: 5 })).rows).toEqual([]);
  });

  test("keeps name and id from everybody, for ever", async () => {
    await remove(alice, await lawful(alice, []));
    await expectRefused(register(relay, { ...createPerson(), username: alice.person.username }), "USERNAME_TAKEN");
    await expectRefused(register(relay, { ...createPerson(), ...alice.person, username: "another_name" }), "USER_EXISTS");
    await expectRefused(bob.request(alice), "USER_NOT_FOUND");
  });

  test("shows to others that the account is no more, and its cards", async () => {
    await remove(alice, await lawful(alice, []));
    const query = "query ($name: Username!, $search: ShortText!, $me: Username!) { userByName(username: $name) { deleted cards { version } thoughts { nodes { seq } } } me: userByName(username: $me) { deleted } users(search: $search) { nodes { username } } }";
    const answer = await relay.execute(bob.viewer, query, { name: alice.person.username, search: alice.person.username, me: bob.person.username });
    expect(answer).toEqual({ data: { userByName: { deleted: true, cards: [{ version: 1 }], thoughts: { nodes: [] } }, me: { deleted: false }, users: { nodes: [] } } });
  });

  test("makes login and recovery answer as for a name that nobody ever had", async () => {
    const start = (username: string) => relay.services.login.start({ username, loginRequest: parseBase64url(startLogin("a password").request) });
    const before = await start(alice.person.username);
    expect(before.userId).toEqual(alice.userId);
    await remove(alice, await lawful(alice, []));
    const [deleted, again, unknown] = [await start(alice.person.username), await start(alice.person.username), await start("nobody_ever")];
    expect(deleted.userId).not.toEqual(alice.userId);
    expect(deleted.userId).toEqual(again.userId);
    expect([deleted.userId.length, deleted.loginResponse.length]).toEqual([unknown.userId.length, unknown.loginResponse.length]);
    await expect(logIn(relay, alice.person)).rejects.toMatchObject({ code: "bad-password" });
    const [attempt] = await relay.sql(`SELECT "userId", "wrapVersion" FROM "LoginAttempt" WHERE id = ${hex(deleted.loginId)}`);
    expect(attempt).toEqual({ userId: null, wrapVersion: null });
    for (const recoveryProof of [alice.person.recovery.proof, new Uint8Array(32)]) {
      await expectRefused(relay.services.passwords.startRecovery({ username: alice.person.username, recoveryProof, deviceName: "new" }), "CREDENTIALS_INVALID");
    }
  });

  test("undoes nothing that was under way at another device", async () => {
    const late = (await createCardChange(relay, alice)).input;
    await remove(alice, await lawful(alice, []));
    const before = await relay.dump();
    await expectRefused(relay.services.thoughts.create(alice.viewer, alice.thought("late").bytes), "UNAUTHENTICATED");
    await expectRefused(relay.services.passwords.finishRecovery(alice.viewer, { ...late.credentials, wrapVersion: 2 ** 31 - 1, recoveryProof: alice.person.recovery.proof }), "CREDENTIALS_INVALID");
    await expectRefused(relay.services.cards.replace(alice.viewer, late), "UNAUTHENTICATED");
    await expectRefused(alice.request(bob), "USER_NOT_FOUND");
    await relay.services.users.setEmail(alice.viewer, generateBytes(32));
    expect(await relay.dump()).toBe(before);
  });

  test("happens once, however many devices ask at once, and beside a friend who leaves too", async () => {
    const fid = await befriend(alice, bob);
    const inputs = [await lawful(alice, [alice.unfriendRecord(fid, bob)]), await lawful(alice, [alice.unfriendRecord(fid, bob)]), await lawful(bob, [bob.unfriendRecord(fid, alice)])];
    const outcomes = await Promise.allSettled([remove(alice, inputs[0]!), remove(alice, inputs[1]!), remove(bob, inputs[2]!)]);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const codes = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason.code] : []));
    expect(["FRIENDSHIP_STATE", "LOGIN_EXPIRED"]).toEqual(expect.arrayContaining([...new Set(codes)]));
  });
});

describe("a deletion is refused, changes nothing, and keeps its proof", () => {
  let fid: Uint8Array;
  beforeEach(async () => {
    fid = await befriend(alice, bob);
  });

  const broken: [string, ErrorCode, (ends: Uint8Array[]) => Uint8Array[] | Promise<Uint8Array[]>][] = [
    ["without the end of a friendship", "FRIENDSHIP_STATE", () => []],
    ["with one twice", "FRIENDSHIP_STATE", (ends) => [...ends, ...ends]],
    ["with the end of a request", "FRIENDSHIP_STATE", async (ends) => [...ends, alice.unfriendRecord((await alice.request(carol)).id, carol)]],
    ["with the end of what others share", "FRIENDSHIP_NOT_FOUND", async (ends) => [...ends, alice.unfriendRecord(await befriend(bob, carol), carol)]],
    ["with the end of nothing", "FRIENDSHIP_NOT_FOUND", (ends) => [...ends, alice.unfriendRecord(generateBytes(32), bob)]],
    ["with the friend's signature", "SIGNER_NOT_VIEWER", () => [bob.unfriendRecord(fid, alice)]],
    ["with the record of another step", "BYTES_MALFORMED", () => [alice.declineRecord(fid, bob)]],
    ["with a record cut short", "BYTES_MALFORMED", ([end]) => [end!.subarray(1)]],
    ["with another signature", "SIGNATURE_INVALID", ([end]) => [end!.with(-1, end!.at(-1)! ^ 1)]],
    ["for another card of the friend", "CARD_STALE", () => [alice.unfriendRecord(fid, bob, { peerCardHash: generateBytes(32) })]],
    ["with more than anybody has friends", "SIZE_EXCEEDED", ([end]) => Array.from({ length: 1_001 }, () => end!)],
  ];
  test.each(broken)("%s: %s", async (_, code, spoil) => {
    const ends = [alice.unfriendRecord(fid, bob)];
    const spoilt = await spoil(ends);
    const input = await lawful(alice, ends);
    await expectRefusedUnchanged(relay, () => remove(alice, { ...input, records: spoilt }), code);
    expect(await remove(alice, input)).toMatchObject({ friendshipsEnded: 1 });
  });

  test("without a proof of this user's password; one that proves nothing is spent", async () => {
    const input = await lawful(alice, [alice.unfriendRecord(fid, bob)]);
    await expectRefused(remove(alice, { ...input, ...(await proveLogin(relay, bob.person)) }), "CREDENTIALS_INVALID");
    await expectRefused(remove(alice, { ...input, loginId: generateBytes(16) }), "LOGIN_EXPIRED");
    await expectRefused(remove(alice, { ...input, loginFinish: generateBytes(64) }), "CREDENTIALS_INVALID");
    await expectRefusedUnchanged(relay, () => remove(alice, input), "LOGIN_EXPIRED");
    expect((await logIn(relay, alice.person)).user.deletedAtMs).toBeUndefined();
  });
});
