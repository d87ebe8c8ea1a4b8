import { defineConfig } from "vitest/config";

/** The tests that mutants of src/protocol and src/crypto have to survive: what imports them directly and needs no database. */
export default defineConfig({
  test: { include: ["test/crypto/**/*.test.ts", "test/vectors/vectors.test.ts"], isolate: false, testTimeout: 60_000, hookTimeout: 120_000 },
});
