import { existsSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

/** What needs neither a database nor a server. */
const pureFolders = ["client", "crypto", "domain", "gate", "interop", "law", "protocol", "vectors", "wycheproof"];
const pure = [...pureFolders.map((folder) => `test/${folder}/**/*.test.ts`), "test/api/schema-equality.test.ts"];

/** What people hold in their hands: every command starts a process, every page a browser. */
const apps = ["test/cli/**/*.test.ts", "test/web/**/*.test.ts"];
/** Long stories of failure and of malice, each with a script of its own. */
const chaos = ["test/chaos/**/*.test.ts"];
const attack = ["test/attack/**/*.test.ts"];

/** All tests that are not pure share one embedded PostgreSQL. */
const globalSetup = ["test/support/global-setup.ts"].filter((path) => existsSync(join(import.meta.dirname, path)));

export default defineConfig({
  // Libraries get graphql's CommonJS build from Node; tests must get the same one, because types of two builds do not know each other.
  resolve: { alias: [{ find: /^graphql$/, replacement: "graphql/index.js" }] },
  test: {
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    // Loading the relay's modules anew for every file takes as long as a third of all tests. No test replaces a module.
    isolate: false,
    projects: [
      { extends: true, test: { name: "pure", include: pure } },
      { extends: true, test: { name: "relay", include: ["test/**/*.test.ts"], exclude: [...pure, ...apps, ...chaos, ...attack], globalSetup } },
      { extends: true, test: { name: "apps", include: apps, globalSetup } },
      { extends: true, test: { name: "chaos", include: chaos, globalSetup } },
      { extends: true, test: { name: "attack", include: attack, globalSetup } },
    ],
  },
});
