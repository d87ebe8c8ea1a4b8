import { describe, expect, test } from "vitest";
import { EXAMPLE_OPERATIONS } from "../../src/web/playground/example-operations.ts";
import { encodeOperationLink, parseOperationLink } from "../../src/web/playground/operation-link.ts";

describe("a link to an operation", () => {
  test.each(EXAMPLE_OPERATIONS)("carries $name whole", ({ query }) => {
    expect(parseOperationLink(encodeOperationLink(query))).toBe(query);
  });

  test.each([
    ["no fragment", ""],
    ["another fragment", "#documentation"],
    ["nothing", encodeOperationLink(" \n")],
    ["what is no encoding", "#operation=%"],
    ["more than anybody reads", encodeOperationLink("a".repeat(10_001))],
    ["a text that turns its direction", encodeOperationLink("query { \u202e relay }")],
    ["a character of no width", encodeOperationLink("query { vi\u200bewer }")],
    ["a control character", encodeOperationLink("query {\r}")],
  ])("opens nothing for %s", (_name, fragment) => {
    expect(parseOperationLink(fragment)).toBeUndefined();
  });
});
