import { describe, expect, it } from "vitest";
import { isCurrent, rules } from "./rules/all-rules.ts";

describe("the rules that prove.ts takes away", () => {
  it("stand in the sources as they are listed", () => {
    expect(rules.filter((rule) => !isCurrent(rule)).map(({ name, file }) => `${name} (src/${file})`)).toEqual([]);
  });

  it("have a name of their own each", () => {
    expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
  });
});
