import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildSchema, getOperationAST, parse, validate } from "graphql";
import { expect, test } from "vitest";
import { root } from "../../scripts/run.ts";
import { EXAMPLE_OPERATIONS } from "../../src/web/playground/example-operations.ts";

const schema = buildSchema(readFileSync(join(root, "schema.graphql"), "utf8"));

test.each(EXAMPLE_OPERATIONS)("$name fits the contract, needs no variables, and says so in its name", ({ name, query }) => {
  const document = parse(query);
  expect(validate(schema, document)).toEqual([]);
  const operation = getOperationAST(document);
  expect(operation?.name?.value).toBe(name);
  expect(operation?.variableDefinitions).toEqual([]);
});
