import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { generateBytes, opaqueReady, ready, startLogin } from "../../src/crypto/index.ts";
import { REFUSAL_CODES } from "../../src/domain/domain-error.ts";
import { encodeBase64url } from "../../src/protocol/index.ts";
import { PUBLIC_FIELDS } from "../../src/resolvers/authentication.ts";
import { type Cast, createCast } from "../support/cast.ts";
import { ask, type Json } from "../support/graphql.ts";
import { expectHelpful } from "../support/helpful.ts";
import { type KeptDatabase, openKeptDatabase } from "../support/kept-database.ts";
import { lawfulAttempts } from "../support/lawful-attempts.ts";
import { createMember, mutate, type Outcome, succeed } from "../support/member.ts";
import { refusedAttempts } from "../support/refused-attempts.ts";
import { type RunningRelay, startTestRelay } from "../support/relay.ts";

let relay: RunningRelay;
let cast: Cast;
let database: KeptDatabase;
beforeAll(async () => {
  await Promise.all([ready(), opaqueReady()]);
  relay = await startTestRelay();
  cast = await createCast(relay);
  database = await openKeptDatabase(relay.database);
  await database.keep();
});
beforeEach(() => database.restore());
afterAll(async () => {
  await database.close();
  await relay.stop();
});

/** A proof of a password is used up, right or wrong. */
async function dump(): Promise<unknown> {
  return { ...(await database.dump()), LoginAttempt: "" };
}

describe("a refusal has its code, says what to do, and changes nothing", () => {
  test.each(refusedAttempts.map((one) => [one.code, one.mutation, one.what, one] as const))("%s for %s: %s", async (code, mutation, _, { as, input, given }) => {
    const sent = await input(cast, relay);
    if (given) await database.query(given, [Buffer.from(cast.alice.userId)]);
    const before = await dump();
    const outcome = await mutate(relay, mutation, sent, cast.tokenOf(as));
    expect({ status: outcome.status, word: outcome.word }, outcome.text).toEqual({ status: 200, word: code });
    expectHelpful(outcome, undefined);
    expect(await dump()).toEqual(before);
    await expectDetails(outcome.result, as === "owner" ? cast.alice.token : undefined);
  });

  /** What the client needs to go on, as it is stored. */
  async function expectDetails(result: Json, token: string | undefined): Promise<void> {
    const { data } = await ask(relay, { query: "{ viewer { head { author seq hash epoch } vaultVersion } }", token });
    if (result.code === "HEAD_STALE") expect(result).toEqual({ __typename: "HeadStale", code: "HEAD_STALE", message: result.message, head: data.viewer.head });
    if (result.code === "VAULT_STALE") expect(result).toMatchObject({ __typename: "VaultStale", version: data.viewer.vaultVersion });
    if (result.code === "REQUEST_CROSSED") expect(result.friendship).toMatchObject({ id: encodeBase64url(cast.friendshipOf("pendingRequester")), state: "PENDING" });
    if (result.code !== "ENTRY_CONFLICT") return;
    const chain = await ask(relay, { query: "query ($alice: UserId!) { chain(author: $alice, first: 1) { nodes { receipt { bytes receivedAt } } } }", variables: { alice: encodeBase64url(cast.alice.userId) }, token });
    expect(result.receipt).toEqual(chain.data.chain.nodes[0].receipt);
  }

  test("every code is met", async () => {
    const { codes } = await ask(relay, { query: "query ($id: UserId!) { chain(author: $id) { head { seq } } }", variables: { id: encodeBase64url(cast.alice.userId) }, token: cast.tokenOf("stranger") });
    expect([...new Set([...refusedAttempts.map(({ code }) => code), ...codes])].sort()).toEqual([...REFUSAL_CODES].sort());
  });
});

describe("whether a user name exists is not told", () => {
  test("by the answer to a login, or to its proof", async () => {
    const outcomes: Outcome[] = [];
    for (const username of [cast.alice.username, "nobody_here"]) {
      const started = await mutate(relay, "startLogin", { username, loginRequest: startLogin("wrong").request });
      const { loginId, userId, loginResponse } = started.result;
      expect([loginId, userId, loginResponse].map((text: string) => text.length)).toEqual([22, 43, 427]);
      outcomes.push(await mutate(relay, "finishLogin", { loginId, loginFinish: generateBytes(64), deviceName: "guesser" }));
    }
    expectSame(outcomes);
  });

  test("by the answer to a recovery code", async () => {
    const guess = (username: string) => mutate(relay, "startRecovery", { username, recoveryProof: generateBytes(32), deviceName: "guesser" });
    expectSame([await guess(cast.alice.username), await guess("nobody_here")]);
  });

  test("that the user was disabled is told only after the right password", async () => {
    await database.query('UPDATE "User" SET "disabledAtMs" = 1 WHERE "id" = $1', [Buffer.from(cast.alice.userId)]);
    const { loginId } = await succeed(relay, "startLogin", { username: cast.alice.username, loginRequest: startLogin("wrong").request });
    expect((await mutate(relay, "finishLogin", { loginId, loginFinish: generateBytes(64), deviceName: "guesser" })).word).toBe("CREDENTIALS_INVALID");
  });

  function expectSame(outcomes: Outcome[]): void {
    const [known, unknown] = outcomes.map(({ status, word, text }) => ({ status, word, text }));
    expect(known?.word).toBe("CREDENTIALS_INVALID");
    expect(known).toEqual(unknown);
  }
});

test("with a token that has expired every mutation is refused as if nobody asked, but those that need none", async () => {
  const short = await startTestRelay({ limits: { accessTokenSeconds: 1 } });
  const kept = await openKeptDatabase(short.database);
  const { token } = await createMember(short);
  while ((await ask(short, { query: "{ viewer { vaultVersion } }", token })).status !== 401) await new Promise((resolve) => setTimeout(resolve, 50));
  const before = await kept.dump();
  for (const { mutation, input } of lawfulAttempts(relay, cast).filter((one) => !PUBLIC_FIELDS.has(`Mutation.${one.mutation}`))) {
    const outcome = await mutate(short, mutation, await input(), token);
    expect({ status: outcome.status, word: outcome.word, data: outcome.data ?? null }, mutation).toEqual({ status: 401, word: "UNAUTHENTICATED", data: null });
    expectHelpful(outcome, token);
  }
  expect(await kept.dump()).toEqual(before);
  await kept.close();
  await short.stop();
});

describe("questions", () => {
  const unknown = encodeBase64url(generateBytes(32));
  test.each([
    ["user", `{ user(id: "${unknown}") { id } }`, { user: null }],
    ["userByName", '{ userByName(username: "nobody_here") { id } }', { userByName: null }],
    ["userByEmail", `{ userByEmail(email: "${unknown}") { proven } }`, { userByEmail: null }],
    ["users", '{ users(search: "nobody_here") { nodes { id } } }', { users: { nodes: [] } }],
    ["friendship", `{ friendship(id: "${unknown}") { id } }`, { friendship: null }],
    ["thought", `{ thought(author: "${unknown}", seq: 2) { id } }`, { thought: null }],
    ["grants", `{ grants(author: "${unknown}") { nodes { epoch } } }`, { grants: { nodes: [] } }],
  ])("%s: what does not exist is null or empty", async (_, query, data) => {
    expect(await ask(relay, { query, token: cast.alice.token })).toMatchObject({ status: 200, codes: [], data });
  });

  test("a place of one's chain without a thought has none", async () => {
    for (const seq of [0, 1, 1_000, Number.MAX_SAFE_INTEGER]) {
      const { data } = await ask(relay, { query: "query ($author: UserId!, $seq: Sequence!) { thought(author: $author, seq: $seq) { id } }", variables: { author: encodeBase64url(cast.alice.userId), seq }, token: cast.alice.token });
      expect(data).toEqual({ thought: null });
    }
  });

  const pages: [field: string, most: number][] = [
    ["users", 100], ["feed", 100], ["grants", 200], ["missingGrants", 1000], ["chain", 500], ["viewer.friends", 100], ["viewer.requests", 100], ["user.thoughts", 100], ["keyLog.leaves", 1000],
  ];
  test.each(pages)("%s: asked for none, for fewer than none, or for more than %i, BAD_INPUT", async (field, most) => {
    for (const first of [0, -1, most + 1, -(2 ** 31)]) {
      const { status, codes, errors } = await ask(relay, { query: pageOf(field, first), token: cast.alice.token });
      expect({ status, codes }, `${first}`).toEqual({ status: 400, codes: ["BAD_INPUT"] });
      expect(errors[0]?.message).toBe(`Ask for 1 to ${most} at a time.`);
    }
    expect(await ask(relay, { query: pageOf(field, most), token: cast.alice.token })).toMatchObject({ status: 200, codes: [] });
  });

  function pageOf(field: string, first: number): string {
    const id = encodeBase64url(cast.alice.userId);
    const [outer, inner] = field.split(".");
    if (field === "missingGrants") return `{ missingGrants(first: ${first}) { asked } }`;
    if (field === "keyLog.leaves") return `{ keyLog { leaves(first: ${first}) { index } } }`;
    const asked = outer === "user" ? `user(id: "${id}")` : outer === "viewer" ? "viewer" : `${outer}(${outer === "chain" ? `author: "${id}", ` : ""}first: ${first})`;
    const page = "{ pageInfo { hasNextPage } }";
    return inner === undefined ? `{ ${asked} ${page} }` : `{ ${asked} { ${inner}(first: ${first}) ${page} } }`;
  }
});

test("nothing of this was unexpected to the relay", () => {
  expect(relay.logs.filter((line) => /"level":("error"|50)/.test(line))).toEqual([]);
});
