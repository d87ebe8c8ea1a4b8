import type { GraphQLSchema } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { opaqueReady, ready } from "../../src/crypto/index.ts";
import { PUBLIC_FIELDS } from "../../src/resolvers/authentication.ts";
import { fieldsOfTable } from "../support/access-table.ts";
import { type Cast, createCast, type Role, ROLES } from "../support/cast.ts";
import { type Answer, ask } from "../support/graphql.ts";
import { type KeptDatabase, openKeptDatabase } from "../support/kept-database.ts";
import { attempts, outcomeFields } from "../support/mutation-attempts.ts";
import { openRawSocket } from "../support/raw-socket.ts";
import { everythingOf, isEmpty, type Question, questionOf, valuesAt, variablesOf, withVariables } from "../support/questions.ts";
import { queryAccess, queryCalls } from "../support/query-access.ts";
import { type RunningRelay, startTestRelay } from "../support/relay.ts";
import { entitled, neverTold, secretsIn, secretsOf } from "../support/secrets.ts";
import { fieldsOf, fieldType, readServedSchema } from "../support/served-schema.ts";
import { subscriptionAccess } from "../support/subscription-access.ts";

// Everything that can be reached is asked for at once here, which no relay answers by default.
const limits = { maxDepth: 100, maxTokens: 100_000, maxCost: 100_000_000 };

let relay: RunningRelay;
let schema: GraphQLSchema;
let cast: Cast;
let database: KeptDatabase;
/** Every answer that a role got. */
const heard = Object.fromEntries(ROLES.map((role) => [role, [] as string[]])) as Record<Role, string[]>;
beforeAll(async () => {
  await Promise.all([ready(), opaqueReady()]);
  relay = await startTestRelay({ limits });
  [schema, cast, database] = await Promise.all([readServedSchema(relay), createCast(relay), openKeptDatabase(relay.database)]);
});
afterAll(async () => {
  await database.close();
  await relay.stop();
});

async function askAs(role: Role, query: string, variables: Record<string, unknown>): Promise<Answer> {
  const answer = await ask(relay, { query, variables, token: cast.tokenOf(role) });
  heard[role].push(answer.text);
  return answer;
}

test("the tables name every field of the served schema, and no other", () => {
  const outcomes = Object.entries(outcomeFields).flatMap(([type, fields]) => fields.map((field) => `${type}.${field}`));
  const mutations = [...new Set(attempts.map(({ mutation }) => `Mutation.${mutation}`))];
  const named = [...fieldsOfTable(queryAccess), ...fieldsOfTable(subscriptionAccess), ...outcomes, ...mutations, "Refusal.code", "Refusal.message"];
  expect(named.sort()).toEqual(fieldsOf(schema).sort());
});

describe("each role gets of each field what the table says", () => {
  const words: Record<string, string> = { UNAUTHENTICATED: "401", CHAIN_NOT_READABLE: "closed" };
  const references = new Map<string, Promise<Answer>>();

  /** What Alice reads by the same question. */
  function reference(query: string, variables: Record<string, unknown>): Promise<Answer> {
    const key = JSON.stringify([query, variables]);
    const known = references.get(key) ?? askAs("owner", query, variables);
    references.set(key, known);
    return known;
  }

  async function wordFor(role: Role, { query, path }: Question, isVolatile: boolean): Promise<string> {
    const variables = variablesOf(cast, role, query);
    const { data, codes, errors } = await askAs(role, query, variables);
    if (errors.length > 0) return Object.values(data ?? {}).some((value) => value !== null) ? "data beside an error" : (words[String(codes[0])] ?? String(codes[0]));
    const value = valuesAt(data, path);
    if (value === null || value === undefined) return "null";
    if (isEmpty(value)) return "empty";
    if (isVolatile) return "data";
    return JSON.stringify(value) === JSON.stringify(valuesAt((await reference(query, variables)).data, path)) ? "same" : "own";
  }

  const rows = queryAccess.flatMap((row) => row.fields.map((field) => [`${row.type}.${field}${row.label && ` (${row.label})`}`, row, field] as const));
  test.each(rows)("%s", async (_, row, field) => {
    const question = questionOf(schema, row, field);
    const isVolatile = Object.values(row.cells).includes("data");
    const cells = await Promise.all(ROLES.map(async (role) => [role, await wordFor(role, question, isVolatile)]));
    expect(Object.fromEntries(cells)).toEqual(row.cells);
  });
});

describe("all that can be reached from one question, however deep, holds of Alice's what the role may see and no more", () => {
  let secrets: Record<string, string[]>;
  beforeAll(async () => {
    secrets = await secretsOf(database, cast);
  });

  test("each secret is one: Alice's rows hold them all", () => {
    expect(Object.keys(secrets).sort()).toEqual([...new Set([...Object.values(entitled).flat(), ...neverTold])].sort());
  });

  const everything = Object.entries(queryCalls).map(([field, call]) => ({
    field,
    query: () => withVariables(`${call} ${everythingOf(fieldType(schema, "Query", field.split("@")[0] ?? ""))}`),
  }));

  /** What everybody may ask holds the relay's time, which moves on. */
  const isPublic = (field: string): boolean => PUBLIC_FIELDS.has(`Query.${field}`);

  test.each(ROLES)("%s", async (role) => {
    for (const { field, query } of everything) {
      const { codes } = await askAs(role, query(), variablesOf(cast, role, query()));
      // Whatever is not shown is null or empty, however deep; only these two answer in another way.
      const expected = role === "nobody" && !isPublic(field) ? ["UNAUTHENTICATED"] : field === "chain" && !entitled[role].includes("thoughts") ? ["CHAIN_NOT_READABLE"] : [];
      expect(codes, field).toEqual(expected);
    }
    expect(secretsIn(heard[role].join("\n"), secrets).sort()).toEqual([...entitled[role]].sort());
  });

  test.each(ROLES.filter((role) => role !== "nobody"))("%s, who gets the same over a WebSocket", async (role) => {
    const socket = await openRawSocket(relay);
    await socket.init(cast.tokenOf(role));
    for (const { field, query } of everything.filter((one) => !isPublic(one.field))) {
      const variables = variablesOf(cast, role, query());
      const { data, errors } = await askAs(role, query(), variables);
      const message = await socket.ask(query(), variables, field);
      expect(message?.["payload"], field).toEqual(errors.length > 0 ? { data, errors } : { data });
      await socket.next();
    }
    await socket.close();
  });
});

test("nothing of this was unexpected to the relay", () => {
  expect(relay.logs.filter((line) => /"level":("error"|50)/.test(line))).toEqual([]);
});
