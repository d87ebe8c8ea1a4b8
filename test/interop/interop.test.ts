import { describe, expect, it } from "vitest";
import { operations } from "./operations.ts";
import { leftOut, readVectors, run, topics } from "./topics.ts";

const covered = topics.filter((topic) => !(topic in leftOut)).map((topic) => ({ topic, vectors: readVectors(topic) }));

describe("the independent reader", () => {
  it.each(covered)("knows every operation of $topic, or the topic is left out with a reason", ({ vectors }) => {
    expect([...new Set(vectors.map(({ operation }) => operation))].filter((operation) => !(operation in operations))).toEqual([]);
  });

  it("leaves out nothing that does not exist, and nothing without a reason", () => {
    expect(Object.keys(leftOut).filter((topic) => !topics.includes(topic))).toEqual([]);
    expect(Object.values(leftOut)).not.toContain("");
  });
});

describe.each(covered.map(({ topic, vectors }) => ({ topic, vectors, count: vectors.length })))("$topic: agrees on $count vectors", ({ vectors }) => {
  it.each(vectors)("$id: $description", (vector) => {
    const { expect: code, output } = vector;
    expect(run(vector)).toStrictEqual(code === "ok" ? { expect: code, output } : { expect: code });
  });
});
