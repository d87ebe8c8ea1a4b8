import { ESLint } from "eslint";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { configs } from "typescript-eslint";
import { root } from "../../scripts/run.ts";

/** The house's lint without the rules that need types, so that it can judge a text that is no file. */
let lint: ESLint;

beforeAll(() => {
  lint = new ESLint({
    cwd: root,
    overrideConfig: [configs.disableTypeChecked, { languageOptions: { parserOptions: { projectService: false } } }],
  });
});

async function messages(path: string, text: string): Promise<string[]> {
  const [result] = await lint.lintText(text, { filePath: join(root, path) });
  return result?.messages.map((found) => found.message) ?? [];
}

describe("ambient clock, randomness and environment (ARCHITECTURE.md)", () => {
  const clock = "Time is a parameter: take a Clock, or the time itself.";
  const randomness = "Randomness is a parameter: take a Random, or the bytes themselves.";
  const environment = "The environment is read once, in src/server/config or src/cli/environment.ts, and travels on as a value.";

  test.each([
    ["export const now = Date.now();", clock],
    ["export const now = new Date();", clock],
    ["export const now = Date();", clock],
    ["export const now = performance.now();", clock],
    ["export const chance = Math.random();", randomness],
    ["export const id = crypto.randomUUID();", randomness],
    ["export const id = globalThis.crypto.getRandomValues(new Uint8Array(8));", randomness],
    ['import { randomBytes } from "node:crypto"; export const id = randomBytes(8);', randomness],
    ["export const secret = process.env.SECRET;", environment],
    ['export const secret = process["env"];', environment],
    ["export const { env } = process;", environment],
    ['import { env } from "node:process"; export const secret = env;', environment],
  ])("%s", async (text, message) => {
    for (const layer of ["protocol", "crypto/public", "domain", "storage", "realtime", "resolvers", "server"]) {
      expect(await messages(`src/${layer}/planted.ts`, `${text}\n`), layer).toContain(message);
    }
  });

  test("a time that somebody gave is nobody's clock", async () => {
    expect(await messages("src/domain/planted.ts", "export const time = (timeMs: number): Date => new Date(timeMs);\n")).toEqual([]);
  });

  test("the environment is read in src/server/config", async () => {
    expect(await messages("src/server/config/planted.ts", "export const port = process.env.PORT;\n")).toEqual([]);
  });

  test("src/server composes the ports from the real clock and the real randomness", async () => {
    expect(await messages("src/server/compose.ts", "export const clock = { nowMs: (): number => Date.now() };\n")).toEqual([]);
  });
});

describe("rooms that run in a browser", () => {
  test.each(["Buffer.from([1])", "process.pid", "global.name", "setImmediate"])("%s", async (expression) => {
    for (const layer of ["protocol", "crypto/secret", "domain", "client", "web"]) {
      expect(await messages(`src/${layer}/planted.ts`, `export const planted: unknown = ${expression};\n`), layer).toContainEqual(
        expect.stringContaining("This room runs in a browser as it does in Node."),
      );
    }
  });
});

describe("what the import law cannot see", () => {
  test.each([
    ["export const load = (name: string): Promise<unknown> => import(name);", "The import law can only judge an import whose target is written out."],
    ['import { createRequire } from "node:module"; export const pg: unknown = createRequire(import.meta.url)("pg");', "The import law does not see require: use import."],
  ])("%s", async (text, message) => {
    expect(await messages("src/server/planted.ts", `${text}\n`)).toContain(message);
  });

  test("a comment cannot switch a rule off", async () => {
    const text = "// eslint-disable-next-line no-restricted-syntax\nexport const now = Date.now();\n";
    expect(await messages("src/domain/planted.ts", text)).toContain("Time is a parameter: take a Clock, or the time itself.");
  });
});
