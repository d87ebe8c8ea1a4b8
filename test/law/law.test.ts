import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkLaw, type LawReport } from "../../scripts/check-law.ts";
import { root as checkout } from "../../scripts/run.ts";

const houses: string[] = [];

/** A copy of the house in which a test may break the law by writing `files`. */
function buildHouse(files: Record<string, string>): string {
  const house = mkdtempSync(join(tmpdir(), "peerbrain-law-"));
  houses.push(house);
  for (const part of ["src", "test/interop", "package.json", "tsconfig.json", ".dependency-cruiser.mjs"]) {
    cpSync(join(checkout, part), join(house, part), { recursive: true });
  }
  symlinkSync(join(checkout, "node_modules"), join(house, "node_modules"), "dir");
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(house, path)), { recursive: true });
    writeFileSync(join(house, path), text);
  }
  return house;
}

afterAll(() => {
  for (const house of houses) rmSync(house, { recursive: true, force: true });
});

const exportFrom = (specifier: string) => `export * from "${specifier}";\n`;

describe("the import law (ARCHITECTURE.md)", () => {
  test("the house as it stands obeys it, and every file was read", async () => {
    const { modules, violations } = await checkLaw(buildHouse({}));
    expect(violations).toEqual([]);
    expect(modules.length).toBeGreaterThan(0);
  });

  test("a law that does not read every file says so instead of succeeding", async () => {
    const house = buildHouse({ "src/domain/planted.ts": "export {};\n" });
    const lawPath = join(house, ".dependency-cruiser.mjs");
    writeFileSync(lawPath, readFileSync(lawPath, "utf8").replace("options: {", 'options: { exclude: { path: "^src/domain/planted" },'));
    await expect(checkLaw(house)).rejects.toThrow("did not read src/domain/planted.ts");
  });

  describe("breaking it is noticed", () => {
    let report: LawReport;

    beforeAll(async () => {
      report = await checkLaw(
        buildHouse({
          "src/crypto/secret/planted-key.ts": "export const plantedKey = 1;\n",
          "src/crypto/relay/planted-signer.ts": "export const plantedSigner = 1;\n",
          "src/crypto/public/planted-bridge.ts": exportFrom("../secret/planted-key.ts"),
          "src/crypto/public/planted-node.ts": exportFrom("node:path"),
          "src/crypto/secret/planted-hash.ts": exportFrom("@noble/hashes/blake2.js"),
          "src/crypto/public/planted-sodium.ts": 'export { default } from "libsodium-wrappers";\n',
          "src/crypto/public/planted-sign.ts": exportFrom("../kdf.ts"),
          "src/protocol/planted.ts": exportFrom("node:path"),
          "src/domain/planted-bridge.ts": exportFrom("../crypto/public/planted-bridge.ts"),
          "src/domain/planted-graphql.ts": exportFrom("graphql"),
          "src/storage/planted.ts": 'import type { plantedKey } from "../crypto/secret/planted-key.ts";\nexport type Planted = typeof plantedKey;\n',
          "src/realtime/planted.ts": exportFrom("@prisma/client"),
          "src/resolvers/planted.ts": exportFrom("../storage/planted.ts"),
          "src/server/planted-direct.ts": exportFrom("../crypto/secret/planted-key.ts"),
          "src/server/planted-far.ts": exportFrom("../domain/planted-bridge.ts"),
          "src/server/planted-late.ts": 'export const planted = () => import("../crypto/secret/planted-key.ts");\n',
          "src/server/planted-client.ts": exportFrom("../client/planted-node.ts"),
          "src/server/planted-signer.ts": exportFrom("../crypto/relay/planted-signer.ts"),
          "src/server/planted-pg.ts": exportFrom("pg"),
          "src/server/planted-tool.ts": exportFrom("vitest"),
          "src/server/planted-nowhere.ts": exportFrom("./nowhere.ts"),
          "src/client/planted-node.ts": exportFrom("node:path"),
          "src/client/planted-signer.ts": exportFrom("../crypto/relay/planted-signer.ts"),
          "src/cli/planted.ts": exportFrom("../domain/planted-graphql.ts"),
          "src/utils/planted.ts": exportFrom("../crypto/secret/planted-key.ts"),
          "src/planted.ts": exportFrom("./crypto/secret/planted-key.ts"),
          "test/interop/planted-shortcut.ts": exportFrom("../../src/protocol/planted.ts"),
          "test/interop/planted-type.ts": 'import type { plantedKey } from "../../src/crypto/secret/planted-key.ts";\nexport type Planted = typeof plantedKey;\n',
          "test/interop/planted-neighbour.ts": exportFrom("../vectors/hex.ts"),
          "test/interop/planted-primitive.ts": 'export { default } from "libsodium-wrappers";\n',
          "test/vectors/hex.ts": "export {};\n",
        }),
      );
    });

    test.each([
      "relay-never-reaches-secret: src/server/planted-direct.ts → src/crypto/secret/planted-key.ts",
      "relay-never-reaches-secret: src/server/planted-far.ts → src/domain/planted-bridge.ts → src/crypto/public/planted-bridge.ts → src/crypto/secret/planted-key.ts",
      "relay-never-reaches-secret: src/server/planted-late.ts → src/crypto/secret/planted-key.ts",
      "relay-never-reaches-secret: src/storage/planted.ts → src/crypto/secret/planted-key.ts",
      "relay-never-reaches-secret: src/crypto/public/planted-bridge.ts → src/crypto/secret/planted-key.ts",
      "clients-never-reach-relay: src/client/planted-signer.ts → src/crypto/relay/planted-signer.ts",
      "clients-never-reach-relay: src/cli/planted.ts → src/domain/planted-graphql.ts",
      "resolvers-never-reach-storage: src/resolvers/planted.ts → src/storage/planted.ts",
      "relay-keys-in-one-place: src/server/planted-signer.ts → src/crypto/relay/planted-signer.ts",
      "server-never-reaches-clients: src/server/planted-client.ts → src/client/planted-node.ts",
      "every-folder-has-a-row: src/utils/planted.ts → src/crypto/secret/planted-key.ts",
      "every-folder-has-a-row: src/planted.ts → src/crypto/secret/planted-key.ts",
      "interop-imports: test/interop/planted-shortcut.ts → src/protocol/planted.ts",
      "interop-imports: test/interop/planted-type.ts → src/crypto/secret/planted-key.ts",
      "interop-imports: test/interop/planted-neighbour.ts → test/vectors/hex.ts",
    ])("%s", (violation) => {
      expect(report.violations).toContain(violation);
    });

    test.each([
      ["protocol-imports", "src/protocol/planted.ts"],
      ["pure-never-reaches-node", "src/crypto/public/planted-node.ts"],
      ["pure-never-reaches-node", "src/client/planted-node.ts"],
      ["domain-never-reaches-adapters", "src/domain/planted-graphql.ts"],
      ["realtime-never-reaches-prisma", "src/realtime/planted.ts"],
      ["interop-imports", "test/interop/planted-primitive.ts"],
      ["public-room-stays-public", "src/crypto/public/planted-sign.ts"],
      ["one-door-to-libsodium-wrappers", "src/crypto/public/planted-sodium.ts"],
      ["one-door-to--noble-hashes", "src/crypto/secret/planted-hash.ts"],
      ["one-door-to-pg", "src/server/planted-pg.ts"],
      ["no-undeclared-packages", "src/server/planted-tool.ts"],
      ["no-unresolvable", "src/server/planted-nowhere.ts"],
    ])("%s: %s", (rule, path) => {
      expect(report.violations.some((violation) => violation.startsWith(`${rule}: ${path} → `))).toBe(true);
    });
  });
});
