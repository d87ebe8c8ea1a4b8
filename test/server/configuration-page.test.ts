import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadConfig, VARIABLES } from "../../src/server/config/config.ts";
import { LIMIT_NAMES, LIMIT_VARIABLES } from "../../src/server/config/limits.ts";

const page = await readFile(join(import.meta.dirname, "../../docs/CONFIGURATION.md"), "utf8");
const rows = [...page.matchAll(/^\| `([A-Z][A-Z_]+)` \| (.+?) \| (.+) \|$/gm)].map(([, variable = "", initial = "", meaning = ""]) => ({ variable, initial, meaning }));

describe("docs/CONFIGURATION.md", () => {
  it("describes every variable that the relay reads, once, and no other", () => {
    expect(rows.map(({ variable }) => variable).sort()).toEqual([...VARIABLES].sort());
    for (const { meaning } of rows) expect(meaning.length).toBeGreaterThan(5);
  });

  it.each(LIMIT_NAMES)("tells the initial value of %s", (name) => {
    const { variable, initial } = LIMIT_VARIABLES[name];
    expect(rows.find((row) => row.variable === variable)?.initial).toBe(`\`${initial}\``);
  });

  it("tells the initial values of the others", () => {
    const { config } = loadConfig({ variables: {}, isRoot: false, checkoutFolder: "/checkout", workingFolder: "/" });
    const told = Object.fromEntries(rows.map(({ variable, initial }) => [variable, /^`([^`]+)`/.exec(initial)?.[1]]));
    expect(told).toMatchObject({
      PEERBRAIN_HOST: config.host,
      PEERBRAIN_PORT: String(config.port),
      PEERBRAIN_TRUSTED_PROXY_HOPS: String(config.trustedProxyHops),
      PEERBRAIN_INTROSPECTION: config.hasIntrospection ? "on" : "off",
      PEERBRAIN_PLAYGROUND: config.hasPlayground ? "on" : "off",
      PEERBRAIN_LOG_LEVEL: config.logLevel,
      PEERBRAIN_WORKERS: String(config.workers),
      PEERBRAIN_BUS: "auto",
    });
    expect(config.dataFolder).toBe(`/checkout/${told["PEERBRAIN_DATA"]?.replace(/\/$/, "")}`);
  });
});
