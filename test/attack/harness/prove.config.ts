import { defineConfig } from "vitest/config";
import { root } from "../../vectors/rules/all-rules.ts";
import { ruleSwitch } from "./rule-switch.ts";

/** One process and one database for all rules. */
export default defineConfig({
  root,
  resolve: { alias: [{ find: /^graphql$/, replacement: "graphql/index.js" }] },
  plugins: [ruleSwitch()],
  test: {
    include: ["test/attack/harness/prove-rules.process.ts"],
    globalSetup: ["test/attack/harness/database-setup.ts"],
    reporters: ["test/attack/harness/prove-reporter.ts"],
    maxWorkers: 1,
    isolate: false,
    // What a client does behind a lie that it believed says nothing about the rules.
    dangerouslyIgnoreUnhandledErrors: true,
  },
});
