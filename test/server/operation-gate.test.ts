import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { buildSchema, getIntrospectionQuery, Kind, type OperationDefinitionNode, parse } from "graphql";
import { describe, expect, test } from "vitest";
import { createOperationGate, type OperationGate, type OperationRequest } from "../../src/server/operation-gate.ts";
import { measureOperation } from "../../src/server/operation-limits.ts";
import { hostileOperations } from "../support/hostile-operations.ts";

const root = join(import.meta.dirname, "../..");
const schema = buildSchema(readFileSync(join(root, "schema.graphql"), "utf8"));
const limits = { maxTokens: 1000, maxDepth: 10, maxAliases: 15, maxDirectives: 20, maxCost: 10_000 };

const gate = (introspection = true): OperationGate => createOperationGate({ schema, introspection, limits });

const codes = (request: OperationRequest, introspection = true): unknown => {
  const admitted = gate(introspection).admit(request);
  return "document" in admitted ? "admitted" : admitted.map((error) => error.extensions["code"]);
};

describe("an operation passes the gate only within the limits", () => {
  test.each(Object.entries(hostileOperations))("%s: refused", (_, query) => {
    expect(codes({ query })).not.toBe("admitted");
  });

  test("exactly 1000 tokens are parsed, 1001 are not", () => {
    const tokens = (count: number): string => `query { relay { ${"time ".repeat(count - 6)} } }`;
    // Validation gives up on that many equal fields: so it was parsed.
    expect(codes({ query: tokens(1000) })).toEqual(["GRAPHQL_VALIDATION_FAILED"]);
    expect(codes({ query: tokens(1001) })).toEqual(["GRAPHQL_PARSE_FAILED"]);
  });

  test("the length of a list counts as the variable says, not as its default", () => {
    const query = "query($first: Int = 1) { users(first: 100) { nodes { thoughts(first: $first) { nodes { seq epoch } } } } }";
    expect(codes({ query })).toBe("admitted");
    expect(codes({ query, variables: { first: 100 } })).toEqual(["GRAPHQL_VALIDATION_FAILED"]);
  });

  test("introspection has a switch", () => {
    expect(codes({ query: getIntrospectionQuery() })).toBe("admitted");
    expect(codes({ query: getIntrospectionQuery() }, false)).toContain("GRAPHQL_VALIDATION_FAILED");
    expect(codes({ query: "{ relay { __typename } }" }, false)).toBe("admitted");
  });

  test("a document with two operations needs a name", () => {
    const query = "query A { relay { time } } query B { relay { time } }";
    expect(codes({ query })).toEqual(["OPERATION_RESOLUTION_FAILURE"]);
    expect(codes({ query, operationName: "B" })).toBe("admitted");
  });
});

describe("the SDK's own operations pass with room to spare", () => {
  const folder = join(root, "src/client/operations");
  const files = readdirSync(folder).filter((name) => name.endsWith(".graphql"));
  const text = files.map((name) => readFileSync(join(folder, name), "utf8")).join("\n");
  const document = parse(text);
  const operations = document.definitions.filter((node): node is OperationDefinitionNode => node.kind === Kind.OPERATION_DEFINITION);

  test.each(operations.map((operation) => [operation.name?.value ?? "", operation] as const))("%s", (_, operation) => {
    const size = measureOperation(schema, document, operation, { first: 500 });
    expect(size.depth).toBeLessThanOrEqual(limits.maxDepth);
    expect(size.aliases).toBeLessThanOrEqual(limits.maxAliases);
    expect(size.directives).toBeLessThanOrEqual(limits.maxDirectives);
    expect(size.cost).toBeLessThanOrEqual(limits.maxCost);
  });
});
