import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildSchema, getOperationAST, getVariableValues, parse, validate } from "graphql";
import { expect, test } from "vitest";
import { root } from "../../scripts/run.ts";
import { EXAMPLE_OPERATIONS } from "../../src/web/playground/example-operations.ts";

const schema = buildSchema(readFileSync(join(root, "schema.graphql"), "utf8"));

test.each(EXAMPLE_OPERATIONS)("an example fits the contract: $query", ({ query, variables = "{}" }) => {
  const document = parse(query);
  expect(validate(schema, document)).toEqual([]);
  const { errors, coerced } = getVariableValues(schema, getOperationAST(document)?.variableDefinitions ?? [], JSON.parse(variables));
  expect(errors).toBeUndefined();
  expect(coerced).toEqual(JSON.parse(variables));
});
