import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { opaqueReady, ready } from "../../src/crypto/index.ts";
import { REFUSAL_CODES } from "../../src/domain/domain-error.ts";
import { type Cast, createCast, type Role, ROLES } from "../support/cast.ts";
import { ask } from "../support/graphql.ts";
import { type KeptDatabase, openKeptDatabase } from "../support/kept-database.ts";
import { mutate, type Outcome } from "../support/member.ts";
import { type Attempt, attempts, outcomeFields } from "../support/mutation-attempts.ts";
import { type RunningRelay, startTestRelay } from "../support/relay.ts";
import { entitled, secretsIn, secretsOf } from "../support/secrets.ts";

let relay: RunningRelay;
let cast: Cast;
let database: KeptDatabase;
let secrets: Record<string, string[]>;
/** All rows, and those of Alice's, before anybody tries anything. */
let rows: unknown;
let rowsOfAlice: unknown;
/** The names of all outcomes that somebody got. */
const seen = new Set<string>();
beforeAll(async () => {
  await Promise.all([ready(), opaqueReady()]);
  relay = await startTestRelay();
  cast = await createCast(relay);
  database = await openKeptDatabase(relay.database);
  secrets = await secretsOf(database, cast);
  await database.keep();
  rows = await dump();
  rowsOfAlice = await dumpAlice();
});
afterAll(async () => {
  await database.close();
  await relay.stop();
});
beforeEach(() => database.restore());

/** What is Alice's to change and nobody else's: her keys, credentials, sessions, vault and chain. */
async function dumpAlice(): Promise<unknown> {
  const mine: [table: string, column: string, others: string[]][] = [
    // Friends' steps are counted, and a friend who leaves is counted too and makes a new epoch due.
    ["User", "id", ["eventNumber"]], ["Chain", "author", ["rotationDue", "endedEdges"]], ["Card", "userId", []], ["Session", "userId", []],
    ["Vault", "userId", []], ["VaultItem", "userId", []], ["Entry", "author", []],
  ];
  const selects = mine.map(([table, column, others]) => `SELECT (to_jsonb(t) - '{${others.join(",")}}'::text[])::text AS row FROM "${table}" t WHERE "${column}" = $1`);
  return database.query(`${selects.join(" UNION ALL ")} ORDER BY 1`, [Buffer.from(cast.alice.userId)]);
}

/** Every row but those of logins that began: a proof uses one up, right or wrong. */
async function dump(): Promise<unknown> {
  return { ...(await database.dump()), LoginAttempt: "" };
}

async function attempt(role: Role, { mutation, input, ownersPeer = "friend" }: Attempt): Promise<Outcome> {
  const isOwner = role === "owner";
  const [me, peer] = isOwner ? [cast.alice, cast.memberOf(ownersPeer)] : [cast.memberOf(role), cast.alice];
  const given = await input({ relay, cast, me, peer, fid: cast.friendshipOf(isOwner ? ownersPeer : role), isOwner });
  return mutate(relay, mutation, given, cast.tokenOf(role));
}

/** Whoever gets an outcome gets every field of it. */
function expectWhole(result: Record<string, unknown>): void {
  const { __typename: name, ...fields } = result;
  expect(Object.keys(fields).sort(), String(name)).toEqual([...(outcomeFields[String(name)] ?? [])].sort());
  for (const [field, value] of Object.entries(fields)) expect(value ?? null, `${String(name)}.${field}`).not.toBeNull();
  seen.add(String(name));
  const { session } = fields;
  if (typeof session !== "object" || session === null) return;
  expect(Object.keys(session).sort()).toEqual([...(outcomeFields["SessionTokens"] ?? [])].sort());
  for (const value of Object.values(session)) expect(value).toBeTruthy();
  seen.add("SessionTokens");
}

test.each(attempts.map((one) => [one.mutation, one.what, one] as const))("%s: %s", async (_, __, one) => {
  const words: Partial<Record<Role, string>> = {};
  for (const role of ROLES) {
    const { word, result, text } = await attempt(role, one);
    const isRefused = result === undefined || "code" in result;
    const isExpectedAgain = one.outcomes[role].startsWith("=");
    words[role] = isExpectedAgain ? `=${word}` : word;
    if (result) expectWhole(result);
    if (!one.isProof && role !== "owner") expect(entitled[role], role).toEqual(expect.arrayContaining(secretsIn(text, secrets)));
    if (isRefused || isExpectedAgain) {
      expect(await dump(), role).toEqual(rows);
      continue;
    }
    if (!one.isProof && role !== "owner") expect(await dumpAlice(), role).toEqual(rowsOfAlice);
    await database.restore();
  }
  expect(words).toEqual(one.outcomes);
});

test("whoever gets an outcome gets all of it, and every outcome was got", () => {
  expect([...seen].sort()).toEqual(Object.keys(outcomeFields).sort());
});

test("a refusal can be read without knowing which one it is", async () => {
  const query = "mutation { endSession(input: { sessionId: \"AAAAAAAAAAAAAAAAAAAAAA\" }) { ... on Refusal { code message } } }";
  const { data } = await ask(relay, { query, token: cast.alice.token });
  expect(REFUSAL_CODES).toContain(data.endSession.code);
  expect(data.endSession.message).toEqual(expect.any(String));
});

test("nothing of this was unexpected to the relay", () => {
  expect(relay.logs.filter((line) => /"level":("error"|50)/.test(line))).toEqual([]);
});
