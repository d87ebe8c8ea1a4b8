import { readFileSync } from "node:fs";
import type { GraphQLField, GraphQLResolveInfo } from "graphql";
import { expect, test } from "vitest";
import { DomainError } from "../../src/domain/domain-error.ts";
import { PUBLIC_FIELDS } from "../../src/resolvers/authentication.ts";
import { buildRelaySchema } from "../../src/resolvers/build-schema.ts";

const schema = buildRelaySchema(readFileSync(new URL("../../schema.graphql", import.meta.url), "utf8"));
const roots = [schema.getQueryType(), schema.getMutationType()].flatMap((type) =>
  Object.values(type?.getFields() ?? {}).map((field) => [`${type?.name}.${field.name}`, field] as const),
);

async function callAsNobody(field: GraphQLField<unknown, unknown>): Promise<unknown> {
  const info = { returnType: field.type } as GraphQLResolveInfo;
  return Promise.resolve()
    .then(() => field.resolve?.(undefined, {}, { viewer: undefined }, info))
    .then(() => "an answer", (error: unknown) => error);
}

test.each(roots.filter(([name]) => !PUBLIC_FIELDS.has(name)))("%s is refused to nobody, before its arguments are looked at", async (_name, field) => {
  const refusal = await callAsNobody(field);
  expect(refusal).toBeInstanceOf(DomainError);
  expect((refusal as DomainError).code).toBe("UNAUTHENTICATED");
});

test("public are the fields that one needs before one has a session, and the key log that everybody may check", () => {
  const names = new Set<string>(roots.map(([name]) => name));
  expect([...PUBLIC_FIELDS].filter((name) => !names.has(name))).toEqual([]);
  expect([...PUBLIC_FIELDS].sort()).toEqual([
    "Mutation.finishLogin",
    "Mutation.refreshSession",
    "Mutation.register",
    "Mutation.startLogin",
    "Mutation.startRecovery",
    "Mutation.startRegistration",
    "Query.keyLog",
    "Query.relay",
  ]);
});
