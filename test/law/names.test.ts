import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../../scripts/run.ts";

test("files are named in kebab-case, with a dot before what they hold", () => {
  const files = ["src", "test", "demo", "bench", "scripts", "types"]
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((path) => `${folder}/${path}`))
    .filter((path) => /\.(tsx?|graphql)$/.test(path) && !path.includes("/generated/"));
  expect(files.length).toBeGreaterThan(0);
  expect(files.filter((path) => !path.split("/").every((part) => /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/.test(part)))).toEqual([]);
});
