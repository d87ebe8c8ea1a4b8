import { readFileSync } from "node:fs";
import { buildSchema, GraphQLSchema, Kind, lexicographicSortSchema, parse, print, printSchema, visit } from "graphql";
import { expect, test } from "vitest";
import { buildDescribedSchema } from "../../src/resolvers/build-schema.ts";

const contract = readFileSync(new URL("../../schema.graphql", import.meta.url), "utf8");

/** A schema as text that tells what it says, in one order, and not how it explains it. */
function outlineOf(schema: GraphQLSchema): string {
  // Of the schema itself the file says more than its roots, which have the names that go without saying.
  const nameless = new GraphQLSchema({ ...schema.toConfig(), description: undefined });
  const document = parse(printSchema(lexicographicSortSchema(nameless)));
  // @perViewer marks fields for those who share deliveries; it exists in the file alone.
  const outline = visit(document, {
    enter: (node) => (node.kind === Kind.DIRECTIVE_DEFINITION && node.name.value === "perViewer" ? null : undefined),
    leave: (node) => ("description" in node && node.description ? { ...node, description: undefined } : undefined),
  });
  return print(outline);
}

test("the resolver classes describe exactly what schema.graphql promises", () => {
  expect(outlineOf(buildDescribedSchema())).toBe(outlineOf(buildSchema(contract)));
});

test("the comparison sees a field, an argument, a default value and a nullability that differ", () => {
  const changes = [
    ["vaultVersion: Int!", "vaultVersion: Float!"],
    ["search: ShortText\n", "search: ShortText!\n"],
    ["includeCurrent: Boolean! = false", "includeCurrent: Boolean! = true"],
    ["email: EmailHash\n}", "email: EmailHash!\n}"],
    ["union SaveVaultResult = VaultSaved | VaultStale | Refused", "union SaveVaultResult = VaultSaved | Refused"],
  ] as const;
  const promised = outlineOf(buildSchema(contract));
  for (const [before, after] of changes) {
    expect(contract).toContain(before);
    expect(outlineOf(buildSchema(contract.replace(before, after)))).not.toBe(promised);
  }
});
