import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { ready } from "../../src/crypto/index.ts";
import { operations } from "./operations.ts";
import { folder, listFiles, readVectors, run } from "./vector.ts";

beforeAll(ready);

const files = listFiles().map((file) => ({ file, vectors: readVectors(file) }));
const all = files.flatMap(({ vectors }) => vectors);

describe("the vectors", () => {
  it("are frozen: every file has the digest it was frozen with", () => {
    const digests = listFiles().map((file) => [file, createHash("sha256").update(readFileSync(join(folder, file))).digest("hex")]);
    expect(Object.fromEntries(digests)).toEqual(JSON.parse(readFileSync(join(folder, "digest.json"), "utf8")));
  });

  it("have a name of their own each", () => {
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  });

  it("are at least 150, and two thirds of them refusals", () => {
    expect(all.length).toBeGreaterThanOrEqual(150);
    expect(all.filter(({ expect: outcome }) => outcome !== "ok").length * 3).toBeGreaterThanOrEqual(all.length * 2);
  });

  it("leave no operation untried", () => {
    expect(new Set(all.map(({ operation }) => operation))).toEqual(new Set(Object.keys(operations)));
  });
});

describe.each(files)("$file", ({ vectors }) => {
  it.each(vectors)("$id: $description", (vector) => {
    const { expect: code, output } = vector;
    expect(run(vector)).toStrictEqual(code === "ok" ? { expect: code, output } : { expect: code });
  });
});
